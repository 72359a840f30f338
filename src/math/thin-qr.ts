/** Thin QR of a tall matrix, given by its columns: Gram and Schmidt's method, each vector freed twice of those before it. */
import { inner, rowsOf } from "./products.ts";

export interface ThinQr {
  /** The columns of Q, [n, D]: orthonormal, but 0 for a column that depends on those before it. */
  q_nD: Float64Array;
  /** Upper triangle, [n, n]: column j of the matrix is Σ_i R[i, j]·Q's column i. */
  r_nn: Float64Array;
}

/** What a column keeps of its length, after the others were taken out of it, below which it counts as their sum. */
const DEPENDENT = 1e-12;

/** @param a_nD the n columns of a [D, n] matrix, one after another */
export function thinQr(a_nD: Float64Array, D: number): ThinQr {
  const q_nD = a_nD.slice();
  const columns = rowsOf(q_nD, D);
  const n = columns.length;
  const r_nn = new Float64Array(n * n);
  columns.forEach((v, j) => {
    const length = Math.sqrt(inner(v, v));
    for (let pass = 0; pass < 2; pass++) {
      for (let i = 0; i < j; i++) {
        const q = columns[i]!;
        const along = inner(q, v);
        for (let d = 0; d < D; d++) v[d]! -= along * q[d]!;
        r_nn[i * n + j]! += along;
      }
    }
    const left = Math.sqrt(inner(v, v));
    if (left <= DEPENDENT * length) {
      v.fill(0);
      return;
    }
    for (let d = 0; d < D; d++) v[d]! /= left;
    r_nn[j * n + j] = left;
  });
  return { q_nD, r_nn };
}
