/**
 * What a decoder direction does to the output directly, and which directions are alike.
 * Effect of feature f on token v: W_dec[f] · W_U[:, v]. In the raw basis W_U is the checkpoint's own, and the final LayerNorm
 * is left out; in TransformerLens's W_U has that LayerNorm's weight in it and is centred over d_model and over the vocabulary.
 * Its scale differs by position and is left out of both. Directions at `attn.hook_z` and `mlp.hook_post` go through W_O or W_out first.
 */
import { parseHook } from "../core/hooks.ts";
import type { Basis } from "../core/basis.ts";
import { LabError } from "../core/lab-error.ts";
import { outputOf, type SaeConfig, type SaeWeights } from "../core/sae.ts";
import type { TensorData } from "../core/types.ts";
import { centred } from "../math/rows.ts";
import type { LoadedModel } from "../model/loaded-model.ts";

/** The unembedding, [V, D]: kept for the model at hand, since reading 150 MB for each feature would be slow. */
let unembedding: {
  model: LoadedModel;
  matrix: Promise<TensorData>;
  tied: Promise<boolean>;
} | null = null;

function keptUnembedding(model: LoadedModel) {
  if (unembedding?.model === model) return unembedding;
  // A checkpoint without an output head of its own shares the token embedding.
  const own = model.weight("lm_head.weight").catch(() => null);
  const matrix = own.then((head) => head ?? model.weight("wte.weight"));
  const made = { model, matrix, tied: own.then((head) => head === null) };
  unembedding = made;
  matrix.catch(() => {
    if (unembedding === made) unembedding = null;
  });
  return made;
}

/** The output head, [V, D]. */
export const readUnembedding = (model: LoadedModel): Promise<TensorData> =>
  keptUnembedding(model).matrix;

/** The token embedding, [V, D]: the very array of the output head where the two are tied. */
export async function readEmbedding(model: LoadedModel): Promise<TensorData> {
  const { matrix, tied } = keptUnembedding(model);
  return (await tied) ? matrix : model.weight("wte.weight");
}

/** @returns effect on each token of the vocabulary, [V] */
export async function logitEffects(
  model: LoadedModel,
  config: SaeConfig,
  weights: SaeWeights,
  { feature, basis }: { feature: number; basis: Basis },
): Promise<Float32Array> {
  const { hook, width } = outputOf(config);
  const row = weights.W_dec.subarray(feature * width, (feature + 1) * width);
  const direction = await towardsResidual(model, hook, row);
  const D = model.info.config.n_embd;
  if (direction.length !== D) {
    throw new LabError(
      "unsupported",
      `this SAE writes ${direction.length} numbers, the model on the bench reads ${D} from its residual stream`,
    );
  }
  return residualEffects(model, direction, basis);
}

/** The same of any direction in the residual stream. @param direction [D] @returns [V] */
export async function residualEffects(
  model: LoadedModel,
  direction: Float32Array,
  basis: Basis,
): Promise<Float32Array> {
  const { data } = await readUnembedding(model);
  const D = direction.length;
  const V = data.length / D;
  const raw = basis === "raw";
  const seen = raw ? direction : throughNorm(direction, (await model.weight("ln_f.weight")).data);
  const effects = new Float32Array(V);
  for (let v = 0; v < V; v++) {
    let sum = 0;
    for (let d = 0; d < D; d++) sum += seen[d]! * data[v * D + d]!;
    effects[v] = sum;
  }
  return raw ? effects : centred(effects, V);
}

/** What LayerNorm but for its scale makes of a direction: (x − mean) ⊙ w, [D]. */
function throughNorm(x: Float32Array, w: Float32Array): Float32Array {
  return centred(x, x.length).map((v, d) => v * w[d]!);
}

/** W_O or W_out, [in, D], through which a hook point's value arrives in the residual stream; null where it is there. */
export async function projectionOf(model: LoadedModel, hook: string): Promise<Float32Array | null> {
  const { layer, site } = parseHook(hook, model.info.config);
  const projection =
    site === "attn.hook_z"
      ? "attn.c_proj.weight"
      : site === "mlp.hook_post"
        ? "mlp.c_proj.weight"
        : null;
  return projection && (await model.weight(`h.${layer}.${projection}`)).data;
}

/** The direction as it arrives in the residual stream, [D]. */
export async function towardsResidual(
  model: LoadedModel,
  hook: string,
  row: Float32Array,
): Promise<Float32Array> {
  const data = await projectionOf(model, hook);
  if (data === null) return row;
  const D = model.info.config.n_embd;
  const out = new Float64Array(D);
  row.forEach((x, i) => {
    for (let d = 0; d < D; d++) out[d]! += x * data[i * D + d]!;
  });
  return Float32Array.from(out);
}

/**
 * What reads an output token's effect off a direction of the SAE: effect = W_dec[f] · u, the same number as `logitEffects`.
 * @returns u, [d_in]
 */
export async function effectReader(
  model: LoadedModel,
  hook: string,
  { token, basis }: { token: number; basis: Basis },
): Promise<Float32Array> {
  const { data: head_VD } = await readUnembedding(model);
  const D = model.info.config.n_embd;
  const V = head_VD.length / D;
  let u = Float64Array.from(head_VD.subarray(token * D, (token + 1) * D));
  if (basis === "tl") {
    const mean = new Float64Array(D);
    for (let i = 0; i < head_VD.length; i++) mean[i % D]! += head_VD[i]! / V;
    const { data: w } = await model.weight("ln_f.weight");
    const scaled = u.map((x, d) => (x - mean[d]!) * w[d]!);
    const middle = scaled.reduce((a, b) => a + b, 0) / D;
    u = scaled.map((x) => x - middle);
  }
  const projection = await projectionOf(model, hook);
  if (projection === null) return Float32Array.from(u);
  return Float32Array.from({ length: projection.length / D }, (_, i) => {
    let sum = 0;
    for (let d = 0; d < D; d++) sum += projection[i * D + d]! * u[d]!;
    return sum;
  });
}

/** The n indices of largest value, largest first. */
export function largest(values: Float32Array, n: number): number[] {
  const best: number[] = [];
  for (let i = 0; i < values.length; i++) {
    if (best.length === n && !(values[i]! > values[best[n - 1]!]!)) continue;
    let at = best.length;
    while (at > 0 && values[i]! > values[best[at - 1]!]!) at--;
    best.splice(at, 0, i);
    if (best.length > n) best.pop();
  }
  return best;
}

/** cos of the feature's decoder direction with every other's, [F]; its own entry is −∞, that of a zero row 0. */
export function decoderCosines(
  { W_dec }: SaeWeights,
  { dSae }: Pick<SaeConfig, "dSae">,
  feature: number,
): Float32Array {
  const width = W_dec.length / dSae;
  const own = W_dec.subarray(feature * width, (feature + 1) * width);
  const ownNorm = Math.hypot(...own);
  return Float32Array.from({ length: dSae }, (_, f) => {
    if (f === feature) return -Infinity;
    let dot = 0;
    let square = 0;
    for (let d = 0; d < width; d++) {
      const w = W_dec[f * width + d]!;
      dot += own[d]! * w;
      square += w * w;
    }
    const norms = ownNorm * Math.sqrt(square);
    return norms === 0 ? 0 : dot / norms;
  });
}
