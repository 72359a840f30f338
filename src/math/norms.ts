/** Lengths of rows. Axis letters: R rows, D d_model. */
import { rowCount } from "./rows.ts";

/**
 * ‖x‖₂ = √(Σ_D x²) of each row, sum in float64.
 * @param x_RD [R, D] @returns [R], in the units of x
 * @throws LabError "shape" if the length is no multiple of D
 */
export function rowNorms(x_RD: Float32Array, D: number): Float32Array {
  return Float32Array.from({ length: rowCount(x_RD, D) }, (_, r) => {
    let sum = 0;
    for (let d = 0; d < D; d++) sum += x_RD[r * D + d]! ** 2;
    return Math.sqrt(sum);
  });
}
