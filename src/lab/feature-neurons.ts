/** Neurons of a layer beside a feature: which write the same, which read the same. Axis letters: D d_model, m d_mlp. */
import { STREAM_SITES } from "../core/direction.ts";
import { blockHook, parseHook } from "../core/hooks.ts";
import { outputOf } from "../core/sae.ts";
import type { FeatureNeurons, FeatureRef } from "../core/feature-studies.ts";
import { randomLargestCosine } from "../math/random-cosine.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import { largest, towardsResidual } from "./direct-effects.ts";
import { checkIndex } from "./direction-reader.ts";
import type { OpenedSae } from "./feature-reader.ts";
import { cosinesWith } from "./neuron-features.ts";

const SHOWN = 5;

/** Of the checkpoint's own weights. @throws LabError "not-found" if there is no such layer */
export async function alignedNeurons(
  model: LoadedModel,
  { config, weights }: OpenedSae,
  { sae, feature, layer }: FeatureRef & { layer: number },
): Promise<FeatureNeurons> {
  const { n_layer, n_embd: D, n_inner: m } = model.info.config;
  checkIndex("layer", layer, n_layer);
  const { dSae, hook } = config;
  const out = outputOf(config);
  const row = weights.W_dec.subarray(feature * out.width, (feature + 1) * out.width);
  const { data: W_out_mD } = await model.weight(`h.${layer}.mlp.c_proj.weight`);
  const written = await towardsResidual(model, out.hook, row);
  const near = (cosines: Float32Array) =>
    largest(cosines.map(Math.abs), SHOWN).map((neuron) => ({
      ...{ layer, neuron, cosine: cosines[neuron]! },
    }));
  const { site } = parseHook(hook, model.info.config);
  let reads: FeatureNeurons["reads"] = null;
  if (STREAM_SITES.some((name) => name === site)) {
    const { data: W_in_Dm } = await model.weight(`h.${layer}.mlp.c_fc.weight`);
    const W_in_mD = new Float32Array(m * D);
    for (let d = 0; d < D; d++)
      for (let n = 0; n < m; n++) W_in_mD[n * D + d] = W_in_Dm[d * m + n]!;
    const column = Float32Array.from({ length: D }, (_, d) => weights.W_enc[d * dSae + feature]!);
    reads = near(cosinesWith(column, W_in_mD));
  }
  const own = out.hook === blockHook(layer, "mlp.hook_post");
  return {
    ...{ sae, feature, layer, reads },
    writes: near(cosinesWith(written, W_out_mD)),
    entries: own ? largestEntries(row) : null,
    byChance: randomLargestCosine(m, D),
  };
}

/** The largest |w_i| of a decoder row, with |w_i| / Σ|w|: sae_vis's neuron alignment. */
export function largestEntries(row: Float32Array) {
  const sizes = row.map(Math.abs);
  const total = sizes.reduce((a, b) => a + b, 0);
  return largest(sizes, SHOWN).map((neuron) => ({
    ...{ neuron, weight: row[neuron]! },
    share: total === 0 ? 0 : sizes[neuron]! / total,
  }));
}
