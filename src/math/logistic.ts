/**
 * Logistic regression with few inputs: P(y = 1) = σ(w·x + b), minimising ½‖w‖² + Σ ln(1 + e^(−s(w·x + b))), s = ±1: scikit-learn's
 * LogisticRegression with its default C = 1. By Newton's steps, in float64. Axis letters: N cases, K inputs.
 */
import { LabError } from "../core/lab-error.ts";

export interface Logistic {
  w: Float64Array; // [K]
  b: number;
}

const STEPS = 50;
const TOLERANCE = 1e-9;

/**
 * @param x_NK inputs [N, K] @param y_N whether each case is positive
 * @throws LabError "shape"; "degenerate" unless there are cases of both kinds
 */
export function fitLogistic(x_NK: Float64Array, y_N: readonly boolean[], K: number): Logistic {
  const N = y_N.length;
  if (x_NK.length !== N * K) {
    throw new LabError("shape", `expected inputs as [${N}, ${K}], got ${x_NK.length} numbers`);
  }
  const positives = y_N.filter(Boolean).length;
  if (positives === 0 || positives === N) {
    throw new LabError(
      "degenerate",
      `${positives} of ${N} cases are positive: nothing to tell apart`,
    );
  }
  const P = K + 1; // the intercept last
  const theta = new Float64Array(P);
  for (let step = 0; step < STEPS; step++) {
    const { gradient, hessian } = slopes(x_NK, y_N, theta);
    const move = solve(hessian, gradient);
    move.forEach((v, i) => (theta[i]! -= v));
    if (move.every((v) => Math.abs(v) < TOLERANCE)) break;
  }
  return { w: theta.slice(0, K), b: theta[K]! };
}

/** w·x + b of one case: positive where the case is more likely than not. */
export const decision = ({ w, b }: Logistic, x_K: Float64Array): number =>
  w.reduce((sum, v, i) => sum + v * x_K[i]!, b);

/** First and second derivatives of the loss at θ = (w, b). */
export function slopes(x_NK: Float64Array, y_N: readonly boolean[], theta: Float64Array) {
  const P = theta.length;
  const K = P - 1;
  const gradient = Float64Array.from(theta, (v, i) => (i < K ? v : 0));
  const hessian = Array.from({ length: P }, (_, i) =>
    Float64Array.from({ length: P }, (_, j) => (i === j && i < K ? 1 : 0)),
  );
  const x = new Float64Array(P);
  x[K] = 1;
  y_N.forEach((positive, n) => {
    x.set(x_NK.subarray(n * K, (n + 1) * K));
    const z = x.reduce((sum, v, i) => sum + v * theta[i]!, 0);
    const p = 1 / (1 + Math.exp(-z));
    for (let i = 0; i < P; i++) {
      gradient[i]! += (p - (positive ? 1 : 0)) * x[i]!;
      for (let j = 0; j < P; j++) hessian[i]![j]! += p * (1 - p) * x[i]! * x[j]!;
    }
  });
  hessian[K]![K]! += 1e-12; // where all cases are certain, the intercept's row would be 0
  return { gradient, hessian };
}

/** Gauss's elimination with pivots. @returns A⁻¹ b */
function solve(matrix: readonly Float64Array[], b: Float64Array): Float64Array {
  const A = matrix.map((row, i) => Float64Array.of(...row, b[i]!));
  const n = b.length;
  for (let c = 0; c < n; c++) {
    let pivot = c;
    for (let r = c + 1; r < n; r++) if (Math.abs(A[r]![c]!) > Math.abs(A[pivot]![c]!)) pivot = r;
    [A[c], A[pivot]] = [A[pivot]!, A[c]!];
    for (let r = 0; r < n; r++) {
      if (r === c) continue;
      const factor = A[r]![c]! / A[c]![c]!;
      for (let k = c; k <= n; k++) A[r]![k]! -= factor * A[c]![k]!;
    }
  }
  return Float64Array.from(A, (row, i) => row[n]! / row[i]!);
}
