/** Rows of a row-major [R, D] array: centring, and adding one vector to all of them. Axis letters: R rows, D columns. */
import { LabError } from "../core/lab-error.ts";

/** How many rows of D there are. @throws LabError "shape" if the length is no multiple of D */
export function rowCount(x: Float32Array, D: number, what = "values"): number {
  if (!Number.isInteger(D) || D < 1 || x.length % D !== 0) {
    throw new LabError("shape", `expected ${what} as [R, ${D}], got ${x.length} numbers`);
  }
  return x.length / D;
}

/** x − mean over D, each row by itself; mean in float64. @param x_RD [R, D] @returns [R, D], a new array */
export function centred(x_RD: Float32Array, D: number): Float32Array {
  const out = new Float32Array(x_RD.length);
  const R = rowCount(x_RD, D);
  for (let r = 0; r < R; r++) {
    let mean = 0;
    for (let d = 0; d < D; d++) mean += x_RD[r * D + d]! / D;
    for (let d = 0; d < D; d++) out[r * D + d] = x_RD[r * D + d]! - mean;
  }
  return out;
}

/** x + factor · v on every row. @param v_D [D] @returns [R, D], a new array */
export function plusRow(x_RD: Float32Array, v_D: Float32Array, factor = 1): Float32Array {
  const D = v_D.length;
  const out = new Float32Array(x_RD.length);
  const R = rowCount(x_RD, D);
  for (let r = 0; r < R; r++) {
    for (let d = 0; d < D; d++) out[r * D + d] = x_RD[r * D + d]! + factor * v_D[d]!;
  }
  return out;
}

/** x · W, with float64 sums. @param x_I [I]; `W_IO` [I, O] @returns [O] */
export function vectorTimes(x_I: Float32Array, W_IO: Float32Array): Float32Array {
  const O = W_IO.length / x_I.length;
  rowCount(W_IO, O, "a matrix");
  const sum_O = new Float64Array(O);
  x_I.forEach((x, i) => {
    for (let o = 0; o < O; o++) sum_O[o]! += x * W_IO[i * O + o]!;
  });
  return Float32Array.from(sum_O);
}
