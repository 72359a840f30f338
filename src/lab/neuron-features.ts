/** A neuron beside an SAE's features: whose directions are alike, and which are active together. */
import { breathe } from "../core/breathe.ts";
import { STREAM_SITES } from "../core/direction.ts";
import { blockHook, parseHook } from "../core/hooks.ts";
import { LabError } from "../core/lab-error.ts";
import type { NeuronId } from "../core/neurons.ts";
import { outputOf, type SaeConfig } from "../core/sae.ts";
import { correlation } from "../math/correlation.ts";
import { rowNorms } from "../math/norms.ts";
import { joined } from "../math/residual-stack.ts";
import { encode } from "../math/sae.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import { type OpenedSae, sliceOf } from "./feature-reader.ts";
import { corpusOf } from "./model-corpus.ts";
import { corpusContexts } from "./text-contexts.ts";

/** @throws LabError "unsupported" if the SAE's directions are not in the residual stream */
export function checkWritesToStream(sae: SaeConfig, model: LoadedModel): void {
  const { hook } = outputOf(sae);
  const { site } = parseHook(hook, model.info.config);
  if (STREAM_SITES.some((name) => name === site)) return;
  throw new LabError(
    "unsupported",
    `this autoencoder's directions are not in the residual stream: they are at ${hook}`,
  );
}

/** cos of a direction with each row; 0 with a row of zeros. @param W_FD [F, D] @returns [F] */
export function cosinesWith(direction: Float32Array, W_FD: Float32Array): Float32Array {
  const D = direction.length;
  const own = Math.hypot(...direction);
  const norms = rowNorms(W_FD, D);
  return norms.map((norm, f) => {
    let dot = 0;
    for (let d = 0; d < D; d++) dot += direction[d]! * W_FD[f * D + d]!;
    return norm * own === 0 ? 0 : dot / (norm * own);
  });
}

/** Multiplications that one answer may cost: some seconds; and, where that is too few tokens, what it costs at the most. */
const CORRELATION_WORK = { usual: 2e9, most: 20e9 };
const CORRELATION_TOKENS = { least: 500, most: 4000 };
const ROWS = 8; // encoded at once, so that a cancel is heard

/**
 * Pearson's r of the neuron's activation with each feature's, over the same tokens of the corpus, BOS left out.
 * @throws LabError "unsupported" if the SAE is so wide that too few tokens could be measured
 */
export async function neuronCorrelations(
  model: LoadedModel,
  { layer, neuron }: NeuronId,
  sae: OpenedSae,
  features: readonly number[],
  signal: AbortSignal,
): Promise<{ tokens: number; correlations: (number | null)[] }> {
  const { dIn, dSae, variant, hook } = sae.config;
  const perToken = dIn * (variant === "topk" ? dSae : features.length);
  const { least, most } = CORRELATION_TOKENS;
  if (perToken * least > CORRELATION_WORK.most) {
    throw new LabError(
      "unsupported",
      `a TopK autoencoder of ${dSae} features over ${dIn} numbers is too wide to be correlated here`,
    );
  }
  const affordable = Math.min(most, Math.max(least, Math.floor(CORRELATION_WORK.usual / perToken)));
  const { n_inner: m, bos_token_id } = model.info.config;
  const own: number[] = [];
  const others: number[][] = features.map(() => []);
  for await (const { ids } of corpusContexts(() => corpusOf(model))) {
    const names = [blockHook(layer, "mlp.hook_post"), hook];
    const run = await model.run({ ids: [[...ids]], names, edits: [], logits: "none", signal });
    const [post, x] = names.map((name) => run.cache.get(name)!.data) as [
      Float32Array,
      Float32Array,
    ];
    const measured = [...ids.keys()].filter((t) => t > 0 && ids[t] !== bos_token_id);
    for (const t of measured) own.push(post[t * m + neuron]!);
    for (let from = 0; from < measured.length; from += ROWS) {
      const rows = measured.slice(from, from + ROWS).map((t) => x.subarray(t * dIn, (t + 1) * dIn));
      featuresActivations(joined(rows), sae, features).forEach((values, i) => {
        others[i]!.push(...values);
      });
      await breathe();
      if (signal.aborted) throw new LabError("cancelled", "cancelled");
    }
    if (own.length >= affordable) break;
  }
  return { tokens: own.length, correlations: others.map((values) => correlation(own, values)) };
}

/** One array a feature, [R]. A TopK SAE's rows are encoded whole, once for all of them. */
function featuresActivations(
  rows: Float32Array,
  sae: OpenedSae,
  features: readonly number[],
): Float32Array[] {
  const slice = sliceOf(sae, features);
  const { config, weights } = slice ?? sae;
  const all_RF = encode(rows, weights, config);
  const R = rows.length / config.dIn;
  return features.map((f, i) =>
    Float32Array.from({ length: R }, (_, r) => all_RF[r * config.dSae + (slice ? i : f)]!),
  );
}
