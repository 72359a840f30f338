/**
 * Edits of weights: what each does to the base's numbers. Matrices are [in, out]; float32, sums in float64.
 *   scale  rows of W_out (of a whole layer's part: with the bias) times the factor
 *   mean   b_out + Σ_i mean_i · W_out[i], the target's rows then 0; of a whole part b_out = mean
 *   bias   b_out + amount · v; of a vector at z or at the neurons b_out + amount · v·W_out
 *   tuned  W + δ
 */
import { isInModel, targetName } from "../core/bench-edit.ts";
import { LabError } from "../core/lab-error.ts";
import type { BiasVector, MeanWeights, ScaleWeights, WeightEdit } from "../core/model-edit.ts";
import type { Gpt2Config } from "../core/types.ts";
import { type Delta, outputOfPart, placesOf, writesBy } from "../core/weight-parts.ts";

export interface WeightSource {
  /** A tensor of the base as float32, which is not changed. */
  read: (name: string) => Promise<Float32Array>;
  /** Of a fine-tuning by its id. */
  deltas: (id: string) => Promise<readonly Delta[]>;
}

/** @returns the tensors that are not as in the base, by name, in float32 @throws LabError for an edit that does not fit */
export async function editWeights(
  edits: readonly WeightEdit[],
  config: Gpt2Config,
  source: WeightSource,
): Promise<Map<string, Float32Array>> {
  const changed = new Map<string, Float32Array>();
  const own = async (name: string): Promise<Float32Array> => {
    const known = changed.get(name);
    if (known) return known;
    const copy = Float32Array.from(await source.read(name));
    changed.set(name, copy);
    return copy;
  };
  for (const edit of edits) {
    if (!edit.on) continue;
    if ("target" in edit && !isInModel(edit.target, config)) {
      const { n_layer, n_head, n_inner } = config;
      throw new LabError(
        "bad-input",
        `this model has no ${targetName(edit.target)}: it has ${n_layer} layers, ${n_head} heads and ${n_inner} neurons in each`,
      );
    }
    switch (edit.kind) {
      case "scale":
        await scale(edit, config, own);
        break;
      case "mean":
        await putMean(edit, config, own);
        break;
      case "bias":
        await addVector(edit, config, own, source.read, changed);
        break;
      case "tuned":
        for (const delta of await source.deltas(edit.id)) {
          addDelta(await own(delta.tensor), delta, config);
        }
    }
  }
  return changed;
}

type Own = (name: string) => Promise<Float32Array>;

async function scale(
  { target, factor }: ScaleWeights,
  config: Gpt2Config,
  own: Own,
): Promise<void> {
  const { matrix, bias, rows, whole } = writesBy(target, config);
  const D = config.n_embd;
  const W = await own(matrix);
  for (let i = rows[0] * D; i < rows[1] * D; i++) W[i]! *= factor;
  if (!whole) return;
  const b = await own(bias);
  for (let i = 0; i < D; i++) b[i]! *= factor;
}

async function putMean({ target, mean }: MeanWeights, config: Gpt2Config, own: Own): Promise<void> {
  const { matrix, bias, rows, whole } = writesBy(target, config);
  const D = config.n_embd;
  checkLength("the mean", mean.length, whole ? D : rows[1] - rows[0]);
  const [W, b] = [await own(matrix), await own(bias)];
  if (whole) b.set(mean);
  else addProduct(b, mean, W.subarray(rows[0] * D, rows[1] * D), 1);
  W.fill(0, rows[0] * D, rows[1] * D);
}

async function addVector(
  { hook, vector, amount }: BiasVector,
  config: Gpt2Config,
  own: Own,
  read: Own,
  changed: ReadonlyMap<string, Float32Array>,
): Promise<void> {
  const { part, layer, through } = biasPlace(hook, config);
  const { matrix, bias } = outputOfPart(part, layer);
  checkLength(`the vector at ${hook}`, vector.length, widthOf(through, part, config));
  const b = await own(bias);
  if (through) addProduct(b, vector, changed.get(matrix) ?? (await read(matrix)), amount);
  else for (let i = 0; i < b.length; i++) b[i]! += amount * vector[i]!;
}

const widthOf = (through: boolean, part: "attn" | "mlp", { n_embd, n_inner }: Gpt2Config) =>
  through && part === "mlp" ? n_inner : n_embd;

/** b + amount · x·W */
function addProduct(b: Float32Array, x: readonly number[], W: Float32Array, amount: number): void {
  const D = b.length;
  for (let d = 0; d < D; d++) {
    let sum = 0;
    for (let i = 0; i < x.length; i++) sum += x[i]! * W[i * D + d]!;
    b[d]! += amount * sum;
  }
}

/** Whose output bias a vector at a hook point goes into; `through`: by way of the output matrix. @throws LabError "unsupported" */
export function biasPlace(
  hook: string,
  { n_layer }: Pick<Gpt2Config, "n_layer">,
): { part: "attn" | "mlp"; layer: number; through: boolean } {
  const [, text, site] = /^blocks\.(\d{1,6})\.([\w.]+)$/.exec(hook) ?? [];
  const layer = Number(text);
  if (site !== undefined && layer < n_layer) {
    switch (site) {
      case "hook_attn_out":
      case "hook_resid_mid":
        return { part: "attn", layer, through: false };
      case "hook_mlp_out":
      case "hook_resid_post":
        return { part: "mlp", layer, through: false };
      case "hook_resid_pre":
        if (layer > 0) return { part: "mlp", layer: layer - 1, through: false };
        break;
      case "attn.hook_z":
        return { part: "attn", layer, through: true };
      case "mlp.hook_post":
        return { part: "mlp", layer, through: true };
    }
  }
  throw new LabError(
    "unsupported",
    `a vector at ${hook} goes into no bias: this model has one after hook_attn_out, hook_resid_mid, hook_mlp_out, ` +
      `hook_resid_post, attn.hook_z and mlp.hook_post of blocks 0 … ${n_layer - 1}, and before block 0 there is none`,
  );
}

function addDelta(tensor: Float32Array, delta: Delta, { n_embd, n_inner }: Gpt2Config): void {
  const width = tensorWidth(delta.tensor, { n_embd, n_inner });
  let i = 0;
  for (const at of placesOf(delta, width)) tensor[at]! += delta.values[i++]!;
  if (i !== delta.values.length || delta.rows[1] * width > tensor.length) {
    throw new LabError(
      "shape",
      `what was tuned of ${delta.tensor} has ${delta.values.length} numbers, its place ${i}`,
    );
  }
}

/** How long a row of a block's tensor is; a bias is one row. */
export function tensorWidth(
  name: string,
  { n_embd, n_inner }: Pick<Gpt2Config, "n_embd" | "n_inner">,
): number {
  if (name.includes("c_attn")) return 3 * n_embd;
  return name.includes("c_fc") ? n_inner : n_embd;
}

function checkLength(what: string, got: number, expected: number): void {
  if (got === expected) return;
  throw new LabError("shape", `${what} has ${got} numbers; this model needs ${expected} there`);
}
