/**
 * Changing features of an SAE in an activation x: f' = f + Δ, where `add` gives Δ_f = c and `clamp` Δ_f = c − f(x); several
 * changes add up, each f(x) read from the same x. With the error term kept, x̂' + (x − x̂) = x + Σ Δ_f·W_dec[f]; without it,
 * x̂' = f'·W_dec + b_dec. Of a transcoder x is what it reads, and what is changed is what it writes: y + Σ Δ_f·W_dec[f], or
 * ŷ' = f'·W_dec + b_dec (+ x·W_skipᵀ). Of an SAE that normalises x, all this is in the normalised units, and is scaled back by
 * x's own t.
 * Axis letters: B rows, D d_in, E d_out, F latents.
 */
import type { SteerFeature } from "../core/edits.ts";
import { outputOf, type SaeConfig, type SaeWeights } from "../core/sae.ts";
import { featureScale } from "./input-norm.ts";
import { rowCount } from "./rows.ts";
import { decode } from "./sae.ts";

export interface Sae {
  config: SaeConfig;
  weights: SaeWeights;
}

/** Σ c·W_dec[f], [E]: what changes that all add come to, whatever x is. */
export function sumOfDirections(
  changes: readonly Pick<SteerFeature, "feature" | "coefficient">[],
  { config, weights }: Sae,
): Float32Array {
  const sum = new Float64Array(outputOf(config).width);
  for (const { feature, coefficient } of changes) {
    addDirection(sum, coefficient, feature, weights.W_dec);
  }
  return Float32Array.from(sum);
}

/**
 * t·Σ Δ_f·W_dec[f] of each row, to be added where it writes; t is 1 unless the SAE normalises x (`featureScale`).
 * @param x_BD [B, D] @param f_BF f(x), [B, F] @returns [B, E]
 */
export function changeDelta(
  x_BD: Float32Array,
  f_BF: Float32Array,
  changes: readonly SteerFeature[],
  sae: Sae,
): Float32Array {
  const { dIn, dSae, normalize } = sae.config;
  const { width } = outputOf(sae.config);
  const scale_B = featureScale(x_BD, dIn, normalize);
  const rows = rowCount(f_BF, dSae, "features");
  const delta = new Float32Array(rows * width);
  for (let b = 0; b < rows; b++) {
    const f_F = f_BF.subarray(b * dSae, (b + 1) * dSae);
    const moved = changes.map((change) => ({
      feature: change.feature,
      coefficient:
        scale_B[b]! * (change.coefficient - (change.mode === "clamp" ? f_F[change.feature]! : 0)),
    }));
    delta.set(sumOfDirections(moved, sae), b * width);
  }
  return delta;
}

/** x̂' of each row, of f(x) + Δ. @param x_BD [B, D] @param f_BF f(x), [B, F] @returns [B, E] */
export function changedReconstruction(
  x_BD: Float32Array,
  f_BF: Float32Array,
  changes: readonly SteerFeature[],
  sae: Sae,
): Float32Array {
  const changed_BF = changedFeatures(f_BF, changes, sae.config.dSae);
  return decode(changed_BF, sae.weights, sae.config, x_BD);
}

/** f' = f + Δ of each row. @param f_BF f(x), [B, F] */
export function changedFeatures(
  f_BF: Float32Array,
  changes: readonly SteerFeature[],
  dSae: number,
): Float32Array {
  const changed_BF = f_BF.slice();
  for (const { feature, mode, coefficient } of changes) {
    for (let i = feature; i < f_BF.length; i += dSae) {
      changed_BF[i]! += mode === "clamp" ? coefficient - f_BF[i]! : coefficient;
    }
  }
  return changed_BF;
}

function addDirection(
  out_E: Float64Array,
  coefficient: number,
  feature: number,
  W_dec: Float32Array,
): void {
  const from = feature * out_E.length;
  for (let e = 0; e < out_E.length; e++) out_E[e]! += coefficient * W_dec[from + e]!;
}
