/**
 * Projecting vectors out of a subspace: x − Σ_k (x·û_k) û_k over an orthonormal basis û of it.
 * Axis letters: R rows, D their width, K directions. Sums in float64.
 */
import { LabError } from "../core/lab-error.ts";
import { rowCount } from "./rows.ts";

/** What a direction keeps of its length, after the others were taken out of it, below which it counts as their sum. */
const DEPENDENT = 1e-6;

/**
 * An orthonormal basis of the directions' span: Gram and Schmidt's method, each vector freed twice of those before it,
 * which leaves them orthogonal to rounding ("twice is enough", Giraud et al. 2005). A direction in the span of those
 * before it adds nothing and is left out.
 * @param directions K of [D], none of them 0
 * @returns at most K unit vectors [D]
 * @throws LabError "bad-input" for none at all, for one without length or with numbers that are none
 */
export function orthonormalBasis(directions: readonly Float32Array[]): Float64Array[] {
  if (directions.length === 0) throw new LabError("bad-input", "there is no direction");
  const basis: Float64Array[] = [];
  directions.forEach((direction, k) => {
    const v = Float64Array.from(direction);
    const length = Math.hypot(...v);
    if (!(length > 0 && length < Infinity)) {
      const what = length === 0 ? "is 0 everywhere" : "has values that are no finite numbers";
      throw new LabError("bad-input", `direction ${k} ${what}`);
    }
    for (let pass = 0; pass < 2; pass++) {
      for (const u of basis) subtract(v, u, dot(v, u));
    }
    const left = Math.hypot(...v);
    if (left > DEPENDENT * length) basis.push(v.map((x) => x / left));
  });
  return basis;
}

/**
 * What takes the subspace out of each row when it is added: −Σ_k (x·û_k) û_k.
 * @param x_RD [R, D]; `basis` of `orthonormalBasis`, [K, D]
 * @returns [R, D]
 * @throws LabError "shape" if x has no whole number of rows
 */
export function projectionDelta(x_RD: Float32Array, basis: readonly Float64Array[]): Float32Array {
  const D = basis[0]!.length;
  const out = new Float32Array(x_RD.length);
  const delta = new Float64Array(D);
  for (let r = 0; r < rowCount(x_RD, D); r++) {
    const x = x_RD.subarray(r * D, (r + 1) * D);
    delta.fill(0);
    for (const u of basis) subtract(delta, u, dot(x, u));
    out.set(delta, r * D);
  }
  return out;
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let d = 0; d < a.length; d++) sum += a[d]! * b[d]!;
  return sum;
}

function subtract(from: Float64Array, u: Float64Array, times: number): void {
  for (let d = 0; d < u.length; d++) from[d]! -= times * u[d]!;
}
