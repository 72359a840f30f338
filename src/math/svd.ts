/**
 * Singular values and vectors of a small square matrix, by one-sided Jacobi rotations: pairs of columns are turned until all
 * are orthogonal. Simple, and as exact as any method, also for the small ones (Demmel and Veselić 1992).
 */
import { LabError } from "../core/lab-error.ts";
import { inner, rowsOf, transposedF64 } from "./products.ts";

export interface Svd {
  /** Singular values, the largest first, [n]. */
  s_n: Float64Array;
  /** Left and right singular vectors, one a row, [n, n]: A = Σ_i s_i · u_i v_iᵀ. u_i is 0 where s_i is. */
  u_nn: Float64Array;
  v_nn: Float64Array;
}

const SWEEPS = 60; // some ten are enough
const ORTHOGONAL = 1e-15;

/** @param a_nn [n, n] @throws LabError "degenerate" for numbers that are not finite */
export function svd(a_nn: Float64Array, n: number): Svd {
  if (!a_nn.every(Number.isFinite)) {
    throw new LabError("degenerate", "a matrix with values that are no finite numbers has no SVD");
  }
  const columns = rowsOf(transposedF64(a_nn, n), n);
  const right = rowsOf(identity(n), n);
  let turned = true;
  for (let sweep = 0; turned; sweep++) {
    if (sweep === SWEEPS) throw new LabError("internal", "the SVD did not converge");
    turned = false;
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        const [x, y] = [columns[p]!, columns[q]!];
        const [xx, yy, xy] = [inner(x, x), inner(y, y), inner(x, y)];
        if (Math.abs(xy) <= ORTHOGONAL * Math.sqrt(xx) * Math.sqrt(yy)) continue;
        turned = true;
        // The smaller of the two angles that make them orthogonal.
        const zeta = (yy - xx) / (2 * xy);
        const t = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.hypot(1, zeta));
        const c = 1 / Math.hypot(1, t);
        turn(x, y, c, c * t);
        turn(right[p]!, right[q]!, c, c * t);
      }
    }
  }
  return sorted(columns, right, n);
}

function turn(x: Float64Array, y: Float64Array, c: number, s: number): void {
  for (let i = 0; i < x.length; i++) {
    const [before, other] = [x[i]!, y[i]!];
    x[i] = c * before - s * other;
    y[i] = s * before + c * other;
  }
}

function sorted(columns: Float64Array[], right: Float64Array[], n: number): Svd {
  const lengths = columns.map((x) => Math.sqrt(inner(x, x)));
  const order = lengths.map((_, i) => i).sort((a, b) => lengths[b]! - lengths[a]! || a - b);
  const [u_nn, v_nn] = [new Float64Array(n * n), new Float64Array(n * n)];
  order.forEach((from, i) => {
    const length = lengths[from]!;
    if (length > 0)
      u_nn.set(
        columns[from]!.map((x) => x / length),
        i * n,
      );
    v_nn.set(right[from]!, i * n);
  });
  return { s_n: Float64Array.from(order, (i) => lengths[i]!), u_nn, v_nn };
}

function identity(n: number): Float64Array {
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++) out[i * n + i] = 1;
  return out;
}
