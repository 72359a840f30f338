/**
 * Directions in the residual stream: angles between vectors of the same row, and each part's share of a whole. Sums in
 * float64, rounded once. Axis letters: R rows, D d_model, S states.
 */
import { LabError } from "../core/lab-error.ts";
import { rowCount } from "./rows.ts";

/**
 * x·y / (‖x‖‖y‖) of each row, in −1 … 1.
 * @param x_RD [R, D] @param y_RD [R, D] @returns [R]; NaN where one of the two is 0: it has no direction
 * @throws LabError "shape" unless both are [R, D]
 */
export function rowCosines(x_RD: Float32Array, y_RD: Float32Array, D: number): Float32Array {
  checkSame(x_RD, y_RD);
  return Float32Array.from({ length: rowCount(x_RD, D) }, (_, r) => {
    let [xy, xx, yy] = [0, 0, 0];
    for (let i = r * D; i < (r + 1) * D; i++) {
      xy += x_RD[i]! * y_RD[i]!;
      xx += x_RD[i]! ** 2;
      yy += y_RD[i]! ** 2;
    }
    // Rounding must not take it past 1; 0/0 stays what it is.
    return Math.max(-1, Math.min(1, xy / Math.sqrt(xx * yy)));
  });
}

/** The cosine of each two of S vectors, row by row. @param states S times [R, D] @returns [R, S, S] */
export function cosinesBetween(states: readonly Float32Array[], D: number): Float32Array {
  const S = states.length;
  const R = S === 0 ? 0 : rowCount(states[0]!, D);
  const out = new Float32Array(R * S * S);
  for (let i = 0; i < S; i++) {
    for (let j = 0; j <= i; j++) {
      const cosines_R = rowCosines(states[i]!, states[j]!, D);
      cosines_R.forEach((cosine, r) => {
        out[(r * S + i) * S + j] = out[(r * S + j) * S + i] = cosine;
      });
    }
  }
  return out;
}

/**
 * y·x / ‖x‖²: how much of x each row of a part y is, along x. Over parts that sum to x it sums to 1; below 0 a part points
 * against the whole, above 1 others must take off what it has too much.
 * @param y_RD [R, D] @param x_RD the whole, [R, D] @returns [R]; NaN where the whole is 0
 */
export function rowShares(y_RD: Float32Array, x_RD: Float32Array, D: number): Float32Array {
  checkSame(y_RD, x_RD);
  return Float32Array.from({ length: rowCount(x_RD, D) }, (_, r) => {
    let [along, whole] = [0, 0];
    for (let i = r * D; i < (r + 1) * D; i++) {
      along += y_RD[i]! * x_RD[i]!;
      whole += x_RD[i]! ** 2;
    }
    return along / whole;
  });
}

/**
 * The mean of [R, N] over the rows from `first` on: [N]; NaN where a row has none, and for no rows.
 * @param first 1 leaves out the first position, whose vector in GPT-2 is many times longer and tells nothing of the text
 */
export function meanRow(x_RN: Float32Array, N: number, first: number): Float32Array {
  const R = rowCount(x_RN, N);
  return Float32Array.from({ length: N }, (_, n) => {
    let sum = 0;
    for (let r = first; r < R; r++) sum += x_RN[r * N + n]!;
    return sum / Math.max(0, R - first);
  });
}

function checkSame(x: Float32Array, y: Float32Array): void {
  if (x.length === y.length) return;
  throw new LabError("shape", `expected two [R, D], got ${x.length} and ${y.length} numbers`);
}
