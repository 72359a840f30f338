/** One feature of an SAE read off activations, without those of all the others where it can be helped. */
import { LabError } from "../core/lab-error.ts";
import type { SaeConfig, SaeWeights } from "../core/sae.ts";
import type { Gpt2Config } from "../core/types.ts";
import { normalised } from "../math/input-norm.ts";
import { encode } from "../math/sae.ts";
import { checkFits } from "./sae-edit.ts";

export interface OpenedSae {
  config: SaeConfig;
  weights: SaeWeights;
}

/** @throws LabError "not-found" if there is no such feature; "unsupported" if the SAE does not fit the model */
export async function readFeature(
  { sae, feature }: { sae: string; feature: number },
  model: Gpt2Config,
  openSae: (id: string) => Promise<OpenedSae>,
): Promise<{ hook: string; read: (rows: Float32Array) => Float32Array }> {
  const opened = await openSae(sae);
  const { config } = opened;
  checkFits(config, model);
  if (!Number.isInteger(feature) || feature < 0 || feature >= config.dSae) {
    throw new LabError("not-found", `feature ${feature} is not among 0 … ${config.dSae - 1}`);
  }
  return { hook: config.hook, read: (rows) => featureActivations(rows, opened, feature) };
}

/**
 * The SAE of some of the features alone, in their order: the same activations to the last bit, since each feature reads its own
 * column of W_enc. null for a TopK SAE, whose features compete.
 */
export function sliceOf(
  { config, weights }: OpenedSae,
  features: readonly number[],
): OpenedSae | null {
  const { dIn: D, dSae: F, variant } = config;
  if (variant === "topk") return null;
  const n = features.length;
  const perFeature = (values: Float32Array) => Float32Array.from(features, (f) => values[f]!);
  const { b_enc, threshold, r_mag, b_mag } = weights;
  return {
    config: { ...config, dSae: n },
    weights: {
      ...weights,
      W_enc: Float32Array.from(
        { length: D * n },
        (_, i) => weights.W_enc[Math.floor(i / n) * F + features[i % n]!]!,
      ),
      W_dec: new Float32Array(n * (weights.W_dec.length / F)), // not read
      b_enc: perFeature(b_enc),
      ...(threshold && { threshold: perFeature(threshold) }),
      ...(r_mag && { r_mag: perFeature(r_mag) }),
      ...(b_mag && { b_mag: perFeature(b_mag) }),
    },
  };
}

/**
 * f(x) of one feature: `encode` of `math/sae.ts`, and the same to the last bit. A standard SAE's needs its own column of W_enc
 * alone. A TopK SAE's needs all, but only where its own pre-activation is positive: elsewhere it is 0 whether kept or not.
 * @param raw activations [R, D] @returns [R]
 */
export function featureActivations(
  raw: Float32Array,
  { config, weights }: OpenedSae,
  feature: number,
): Float32Array {
  const { dIn: D, dSae: F, variant } = config;
  if (variant !== "standard" && variant !== "topk") {
    const all_RF = encode(raw, weights, config);
    return Float32Array.from({ length: raw.length / D }, (_, r) => all_RF[r * F + feature]!);
  }
  const rows = normalised(raw, D, config.normalize);
  const column = Float32Array.from({ length: D }, (_, d) => weights.W_enc[d * F + feature]!);
  const shift = config.applyBDecToInput ? weights.b_dec : null;
  const out = new Float32Array(rows.length / D);
  for (let r = 0; r < out.length; r++) {
    let pre = weights.b_enc[feature]!;
    for (let d = 0; d < D; d++) {
      const x = rows[r * D + d]! - (shift?.[d] ?? 0);
      if (x !== 0) pre += x * column[d]!;
    }
    if (pre <= 0) continue;
    out[r] =
      variant === "topk"
        ? encode(raw.subarray(r * D, (r + 1) * D), weights, config)[feature]!
        : pre;
  }
  return out;
}
