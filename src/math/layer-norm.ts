/**
 * LayerNorm in TransformerLens's two steps: a scale per position, and the centred value divided by it.
 * Pure functions on row-major Float32Arrays. Axis letters: R rows (positions of all prompts), D d_model, C components.
 */
import { LabError } from "../core/lab-error.ts";
import { centred, rowCount } from "./rows.ts";

/**
 * √(mean over D of (x − x̄)² + ε): TransformerLens's `hook_scale`. In float64, rounded once.
 * Adding one number to all of a row leaves it as it is, so that it is the same in both bases.
 * @param x_RD the residual stream that the LayerNorm reads, [R, D]
 * @param epsilon the config's `layer_norm_epsilon`
 * @returns [R], > 0, in the units of x
 */
export function normScale(x_RD: Float32Array, D: number, epsilon: number): Float32Array {
  return Float32Array.from({ length: rowCount(x_RD, D, "the residual stream") }, (_, r) => {
    const row = x_RD.subarray(r * D, (r + 1) * D);
    let mean = 0;
    for (const x of row) mean += x / D;
    let variance = 0;
    for (const x of row) variance += (x - mean) ** 2 / D;
    return Math.sqrt(variance + epsilon);
  });
}

/**
 * (x − x̄) / scale, for each component with the scale of the whole residual stream at that row: a LayerNorm held fixed is
 * linear, so components that sum to the stream still sum to its normalised value.
 * @param x_CRD components [C, R, D], or one [R, D]
 * @param scale_R [R]
 * @returns the shape of x
 * @throws LabError "shape" if the rows are no multiple of R
 */
export function divideByScale(x_CRD: Float32Array, scale_R: Float32Array, D: number): Float32Array {
  const R = scale_R.length;
  if (rowCount(x_CRD, D, "components") % R !== 0) {
    throw new LabError(
      "shape",
      `expected components as [C, ${R}, ${D}] beside ${R} scales, got ${x_CRD.length} numbers`,
    );
  }
  const out = centred(x_CRD, D);
  for (let row = 0; row < out.length / D; row++) {
    const scale = scale_R[row % R]!;
    for (let d = 0; d < D; d++) out[row * D + d]! /= scale;
  }
  return out;
}

/** y · w + b on every row: the part of a LayerNorm that TransformerLens folds away. @param y_RD [R, D] */
export function affineRows(y_RD: Float32Array, w_D: Float32Array, b_D: Float32Array): Float32Array {
  const D = w_D.length;
  rowCount(y_RD, D, "normalised values");
  return y_RD.map((y, i) => y * w_D[i % D]! + b_D[i % D]!);
}
