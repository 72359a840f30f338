/**
 * Eigenvalues of a small real matrix that need not be symmetric: Householder's reduction to Hessenberg form, then Francis's
 * QR steps with two shifts at once, which keep everything real and conjugate pairs exact.
 * Source: Golub and Van Loan, Matrix Computations, 7.4.2 and 7.5.
 */
import { LabError } from "../core/lab-error.ts";
import { inner } from "./products.ts";

export interface Eigenvalues {
  /** Real and imaginary parts, [n]; the largest moduli first, of a conjugate pair the one above the axis first. */
  re: Float64Array;
  im: Float64Array;
}

const STEPS = 100; // for one eigenvalue; two or three are usual

/** @param a_nn [n, n] @throws LabError "degenerate" for numbers that are not finite */
export function eigenvalues(a_nn: Float64Array, n: number): Eigenvalues {
  if (!a_nn.every(Number.isFinite)) {
    throw new LabError(
      "degenerate",
      "a matrix with values that are no finite numbers has no eigenvalues",
    );
  }
  const h = a_nn.slice();
  toHessenberg(h, n);
  const size = Math.sqrt(inner(h, h));
  const found: [number, number][] = [];
  let hi = n - 1;
  let steps = 0;
  while (hi >= 0) {
    const lo = blockStart(h, n, hi, size);
    if (lo === hi) found.push([h[hi * n + hi]!, 0]);
    else if (lo === hi - 1) found.push(...ofPair(h, n, lo));
    else {
      if (++steps > STEPS) throw new LabError("internal", "the eigenvalues did not converge");
      francisStep(h, n, lo, hi, steps % 10 === 0);
      continue;
    }
    hi = lo - 1;
    steps = 0;
  }
  found.sort(([a, b], [c, d]) => Math.hypot(c, d) - Math.hypot(a, b) || d - b || c - a);
  return {
    re: Float64Array.from(found, ([re]) => re),
    im: Float64Array.from(found, ([, im]) => im),
  };
}

/** Where the block that ends at `hi` begins: above it the subdiagonal is 0, or set to 0 as it is no more than rounding. */
function blockStart(h: Float64Array, n: number, hi: number, size: number): number {
  for (let i = hi; i > 0; i--) {
    const around = Math.abs(h[i * n + i]!) + Math.abs(h[(i - 1) * n + i - 1]!);
    if (Math.abs(h[i * n + i - 1]!) <= Number.EPSILON * (around || size)) {
      h[i * n + i - 1] = 0;
      return i;
    }
  }
  return 0;
}

/** The two eigenvalues of the 2 × 2 block at `i`, without cancellation. */
function ofPair(h: Float64Array, n: number, i: number): [number, number][] {
  const [a, b] = [h[i * n + i]!, h[i * n + i + 1]!];
  const [c, d] = [h[(i + 1) * n + i]!, h[(i + 1) * n + i + 1]!];
  const half = (a - d) / 2;
  const root = half * half + b * c;
  if (root < 0) {
    const [re, im] = [(a + d) / 2, Math.sqrt(-root)];
    return [
      [re, im],
      [re, -im],
    ];
  }
  const far = half + (half < 0 ? -1 : 1) * Math.sqrt(root);
  return [
    [d + far, 0],
    [far === 0 ? d : d - (b * c) / far, 0],
  ];
}

/** v with (I − 2vvᵀ)x = ∓‖x‖e₁, of length 1; null where x is a multiple of e₁ already. */
function reflector(x: readonly number[]): number[] | null {
  const most = Math.max(...x.map(Math.abs));
  if (most === 0 || x.slice(1).every((value) => value === 0)) return null;
  const scaled = x.map((value) => value / most);
  const length = Math.hypot(...scaled);
  const v = [scaled[0]! + (scaled[0]! < 0 ? -length : length), ...scaled.slice(1)];
  const of = Math.hypot(...v);
  return v.map((value) => value / of);
}

/** Rows `at` … of columns `from` … `to` − 1. */
function reflectRows(
  h: Float64Array,
  n: number,
  v: number[],
  at: number,
  from: number,
  to: number,
) {
  for (let c = from; c < to; c++) {
    let sum = 0;
    for (let i = 0; i < v.length; i++) sum += v[i]! * h[(at + i) * n + c]!;
    for (let i = 0; i < v.length; i++) h[(at + i) * n + c]! -= 2 * sum * v[i]!;
  }
}

/** Columns `at` … of rows `from` … `to` − 1. */
function reflectColumns(
  h: Float64Array,
  n: number,
  v: number[],
  at: number,
  from: number,
  to: number,
) {
  for (let r = from; r < to; r++) {
    let sum = 0;
    for (let i = 0; i < v.length; i++) sum += v[i]! * h[r * n + at + i]!;
    for (let i = 0; i < v.length; i++) h[r * n + at + i]! -= 2 * sum * v[i]!;
  }
}

function toHessenberg(h: Float64Array, n: number): void {
  for (let k = 0; k < n - 2; k++) {
    const v = reflector(Array.from({ length: n - k - 1 }, (_, i) => h[(k + 1 + i) * n + k]!));
    if (!v) continue;
    reflectRows(h, n, v, k + 1, k, n);
    reflectColumns(h, n, v, k + 1, 0, n);
    for (let r = k + 2; r < n; r++) h[r * n + k] = 0;
  }
}

/** One step on the block `lo` … `hi`, of three rows at least. Eigenvalues need no more than the block itself. */
function francisStep(
  h: Float64Array,
  n: number,
  lo: number,
  hi: number,
  exceptional: boolean,
): void {
  const at = (r: number, c: number) => h[r * n + c]!;
  let sum = at(hi - 1, hi - 1) + at(hi, hi);
  let det = at(hi - 1, hi - 1) * at(hi, hi) - at(hi - 1, hi) * at(hi, hi - 1);
  if (exceptional) {
    // Other shifts, for the rare matrix on which these go round in circles.
    const size = Math.abs(at(hi, hi - 1)) + Math.abs(at(hi - 1, hi - 2));
    sum = 1.5 * size;
    det = size * size;
  }
  let bulge = [
    at(lo, lo) * at(lo, lo) + at(lo, lo + 1) * at(lo + 1, lo) - sum * at(lo, lo) + det,
    at(lo + 1, lo) * (at(lo, lo) + at(lo + 1, lo + 1) - sum),
    at(lo + 1, lo) * at(lo + 2, lo + 1),
  ];
  for (let k = lo; k < hi; k++) {
    const v = reflector(bulge);
    if (v) {
      reflectRows(h, n, v, k, Math.max(lo, k - 1), hi + 1);
      reflectColumns(h, n, v, k, lo, Math.min(k + 3, hi) + 1);
      if (k > lo) for (let i = 1; i < v.length; i++) h[(k + i) * n + k - 1] = 0;
    }
    bulge = [
      at(k + 1, k),
      ...(k + 2 <= hi ? [at(k + 2, k)] : []),
      ...(k + 3 <= hi ? [at(k + 3, k)] : []),
    ];
  }
}
