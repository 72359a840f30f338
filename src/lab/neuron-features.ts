/** A neuron beside an SAE's features: whose directions are alike, and which are active together. */
import { breathe } from "../core/breathe.ts";
import { STREAM_SITES } from "../core/direction.ts";
import { blockHook, parseHook } from "../core/hooks.ts";
import { LabError } from "../core/lab-error.ts";
import type { NeuronId } from "../core/neurons.ts";
import { outputOf, type SaeConfig } from "../core/sae.ts";
import { correlation } from "../math/correlation.ts";
import { rowNorms } from "../math/norms.ts";
import { encode } from "../math/sae.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import { featureActivations, type OpenedSae } from "./feature-reader.ts";
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

/** Multiplications that one answer may cost: some seconds. */
const CORRELATION_WORK = 2e9;
const CORRELATION_TOKENS = { least: 1000, most: 4000 };

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
  const perToken = variant === "standard" ? dIn * features.length : dIn * dSae;
  const affordable = Math.min(CORRELATION_TOKENS.most, Math.floor(CORRELATION_WORK / perToken));
  if (affordable < CORRELATION_TOKENS.least) {
    throw new LabError(
      "unsupported",
      `an autoencoder of ${dSae} features over ${dIn} numbers is too wide to be correlated here`,
    );
  }
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
    featuresActivations(x, sae, features).forEach((values, i) => {
      for (const t of measured) others[i]!.push(values[t]!);
    });
    if (own.length >= affordable) break;
    await breathe();
    if (signal.aborted) throw new LabError("cancelled", "cancelled");
  }
  return { tokens: own.length, correlations: others.map((values) => correlation(own, values)) };
}

/** One array a feature, [R]. Unless each has a column of its own, the rows are encoded once for all of them. */
function featuresActivations(
  rows: Float32Array,
  sae: OpenedSae,
  features: readonly number[],
): Float32Array[] {
  const { config, weights } = sae;
  if (config.variant === "standard") return features.map((f) => featureActivations(rows, sae, f));
  const all_RF = encode(rows, weights, config);
  const R = rows.length / config.dIn;
  return features.map((f) =>
    Float32Array.from({ length: R }, (_, r) => all_RF[r * config.dSae + f]!),
  );
}
