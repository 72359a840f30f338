/**
 * Changing features of an SAE in an activation x: f' = f + Δ, where `add` gives Δ_f = c and `clamp` Δ_f = c − f(x); several
 * changes add up, each f(x) read from the same x. With the error term kept, x̂' + (x − x̂) = x + Σ Δ_f·W_dec[f]; without it,
 * x̂' = f'·W_dec + b_dec.
 * Axis letters: B rows, D d_in, F latents.
 */
import type { SteerFeature } from "../core/edits.ts";
import type { SaeConfig, SaeWeights } from "../core/sae.ts";
import { rowCount } from "./rows.ts";
import { decode } from "./sae.ts";

export interface Sae {
  config: SaeConfig;
  weights: SaeWeights;
}

/** Σ c·W_dec[f], [D]: what changes that all add come to, whatever x is. */
export function sumOfDirections(
  changes: readonly Pick<SteerFeature, "feature" | "coefficient">[],
  { config: { dIn }, weights }: Sae,
): Float32Array {
  const sum = new Float64Array(dIn);
  for (const { feature, coefficient } of changes) {
    addDirection(sum, coefficient, feature, weights.W_dec);
  }
  return Float32Array.from(sum);
}

/** Σ Δ_f·W_dec[f] of each row, to be added to x. @param f_BF f(x), [B, F] @returns [B, D] */
export function changeDelta(
  f_BF: Float32Array,
  changes: readonly SteerFeature[],
  sae: Sae,
): Float32Array {
  const { dIn, dSae } = sae.config;
  const rows = rowCount(f_BF, dSae, "features");
  const delta = new Float32Array(rows * dIn);
  for (let b = 0; b < rows; b++) {
    const f_F = f_BF.subarray(b * dSae, (b + 1) * dSae);
    const moved = changes.map((change) => ({
      feature: change.feature,
      coefficient: change.coefficient - (change.mode === "clamp" ? f_F[change.feature]! : 0),
    }));
    delta.set(sumOfDirections(moved, sae), b * dIn);
  }
  return delta;
}

/** x̂' = (f(x) + Δ)·W_dec + b_dec of each row, to take x's place. @param f_BF f(x), [B, F] @returns [B, D] */
export function changedReconstruction(
  f_BF: Float32Array,
  changes: readonly SteerFeature[],
  sae: Sae,
): Float32Array {
  const { dSae } = sae.config;
  const changed_BF = f_BF.slice();
  for (const { feature, mode, coefficient } of changes) {
    for (let i = feature; i < f_BF.length; i += dSae) {
      changed_BF[i]! += mode === "clamp" ? coefficient - f_BF[i]! : coefficient;
    }
  }
  return decode(changed_BF, sae.weights, sae.config);
}

function addDirection(
  out_D: Float64Array,
  coefficient: number,
  feature: number,
  W_dec: Float32Array,
): void {
  const from = feature * out_D.length;
  for (let d = 0; d < out_D.length; d++) out_D[d]! += coefficient * W_dec[from + d]!;
}
