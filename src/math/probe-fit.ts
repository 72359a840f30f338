/**
 * Linear probes with an L2 penalty, fitted on standardised inputs z and told for x as it is. They minimise
 *   (1/N) Σ ℓ(s, y) + (λ/2) ‖W‖²,  s = W·z + b, b free,
 * with ℓ = ln(1 + e^(−s)) or ln(1 + e^s) by the class of two ("logistic"), −ln softmax(s)_y of more, ½(s − y)² ("linear": y a
 * number, or ±1 by class, one row for each class of more than two). In scikit-learn's terms: LogisticRegression with C = 1/(λN),
 * Ridge and RidgeClassifier with α = λN, each after a StandardScaler.
 * Axis letters: N cases, D inputs, R rows of W, K classes; R = 1 for numbers and for two classes, else K.
 */
import { LabError } from "../core/lab-error.ts";
import { cholesky, solveCholesky } from "./cholesky.ts";
import { minimise } from "./minimise.ts";
import type { Design } from "./probe-design.ts";

export type ProbeLoss = "logistic" | "linear";
/** What is to be told: one of K classes, by index, or a number. [N] each */
export type Targets =
  { kind: "classes"; y: Int32Array; K: number } | { kind: "numbers"; y: Float64Array };

export interface Probe {
  /** In the units of x. */
  W: Float64Array; // [R, D]
  b: Float64Array; // [R]
  lambda: number;
  steps: number;
  converged: boolean;
  /** The solution in standardised inputs, [R·D + R]: where a fit with another λ starts from. */
  start: Float64Array;
}

export const rowsOf = (targets: Targets): number =>
  targets.kind === "numbers" || targets.K === 2 ? 1 : targets.K;

/** s of each of some rows of x. @param x [rows, D] @returns [cases, R] */
export function scoresOf(
  { W, b }: Pick<Probe, "W" | "b">,
  x: Float32Array,
  cases: Int32Array,
): Float64Array {
  const R = b.length;
  const D = W.length / R;
  const s = new Float64Array(cases.length * R);
  cases.forEach((row, n) => {
    for (let r = 0; r < R; r++) {
      let sum = b[r]!;
      for (let d = 0; d < D; d++) sum += W[r * D + d]! * x[row * D + d]!;
      s[n * R + r] = sum;
    }
  });
  return s;
}

export interface FitOptions {
  loss: ProbeLoss;
  lambda: number;
  start?: Float64Array | undefined;
  /** Between steps. */
  pause?: () => Promise<void>;
}

/** Fits of one design: what depends on λ alone is computed once, so that other targets cost steps only. */
export function createFitter(design: Design) {
  const factors = new Map<string, Float64Array>();
  /** Of bend·Gram + λ. */
  const factorOf = (bend: number, lambda: number): Float64Array | null => {
    const { gram, D } = design;
    if (!gram) return null;
    const key = `${bend} ${lambda}`;
    const known = factors.get(key);
    if (known) return known;
    if (factors.size > 2) factors.clear(); // each takes as much as the Gram matrix
    const A = gram.map((v) => bend * v);
    for (let d = 0; d < D; d++) A[d * D + d]! += lambda;
    const factor = cholesky(A, D);
    factors.set(key, factor);
    return factor;
  };

  return async (targets: Targets, { loss, lambda, start, pause }: FitOptions): Promise<Probe> => {
    const { D, N, mean, deviation } = design;
    const R = rowsOf(targets);
    checkTargets(targets, N, loss);
    if (!(lambda > 0)) throw new LabError("bad-input", `λ must be above 0, not ${lambda}`);
    // An upper bound of ℓ's second derivative by s: Böhning 1992.
    const bend = loss === "linear" ? 1 : R === 1 ? 1 / 4 : 1 / 2;
    const factor = factorOf(bend, lambda);
    const minimum = await minimise(
      slopeOf(design, targets, loss, lambda),
      start ?? new Float64Array(R * D + R),
      {
        ...(pause && { pause }),
        precondition: (v) => {
          for (let r = 0; r < R; r++) {
            const own = v.subarray(r * D, (r + 1) * D);
            if (factor) solveCholesky(factor, own);
            else for (let d = 0; d < D; d++) own[d]! /= bend + lambda;
            v[R * D + r]! /= bend;
          }
        },
      },
    );
    const W = new Float64Array(R * D);
    const b = minimum.x.slice(R * D);
    for (let r = 0; r < R; r++) {
      for (let d = 0; d < D; d++) {
        const w = minimum.x[r * D + d]! / deviation[d]!;
        W[r * D + d] = w;
        b[r]! -= w * mean[d]!;
      }
    }
    const { steps, converged, x } = minimum;
    return { W, b, lambda, steps, converged, start: x };
  };
}

function checkTargets(targets: Targets, N: number, loss: ProbeLoss): void {
  const { y } = targets;
  if (y.length !== N) throw new LabError("shape", `${y.length} labels for ${N} cases`);
  if (targets.kind === "numbers") {
    if (loss === "logistic") {
      throw new LabError("bad-input", "numbers take a linear probe: a logistic one tells classes");
    }
    if (y.every((v) => v === y[0])) {
      throw new LabError("degenerate", `all ${N} numbers are ${y[0]!}: nothing to tell apart`);
    }
    return;
  }
  if (y.every((v) => v === y[0])) {
    throw new LabError("degenerate", `all ${N} cases are of one class: nothing to tell apart`);
  }
}

/** The loss and its gradient by (W, b), both in standardised inputs. */
export function slopeOf({ z, N, D }: Design, targets: Targets, loss: ProbeLoss, lambda: number) {
  const R = rowsOf(targets);
  const s = new Float64Array(R);
  const wanted = (n: number, r: number): number => {
    const y = targets.y[n]!;
    if (targets.kind === "numbers") return y;
    return y === (R === 1 ? 1 : r) ? 1 : -1;
  };
  /** Puts dℓ/ds in the place of s. @returns ℓ */
  const lossAt = (n: number): number => {
    if (loss === "linear") {
      let sum = 0;
      for (let r = 0; r < R; r++) {
        s[r]! -= wanted(n, r);
        sum += 0.5 * s[r]! ** 2;
      }
      return sum;
    }
    if (R === 1) {
      const sign = wanted(n, 0);
      const margin = sign * s[0]!;
      const wrong = 1 / (1 + Math.exp(margin));
      s[0] = -sign * wrong;
      return margin > 0 ? Math.log1p(Math.exp(-margin)) : -margin + Math.log1p(Math.exp(margin));
    }
    const most = s.reduce((a, v) => Math.max(a, v), -Infinity);
    let total = 0;
    for (let r = 0; r < R; r++) total += Math.exp(s[r]! - most);
    const y = (targets.y as Int32Array)[n]!;
    const value = Math.log(total) + most - s[y]!;
    for (let r = 0; r < R; r++) s[r] = Math.exp(s[r]! - most) / total - Number(r === y);
    return value;
  };
  return (x: Float64Array, gradient: Float64Array): number => {
    let [sum, squares] = [0, 0];
    gradient.fill(0);
    for (let n = 0; n < N; n++) {
      const at = n * D;
      for (let r = 0; r < R; r++) {
        let value = x[R * D + r]!;
        const w = r * D;
        for (let d = 0; d < D; d++) value += x[w + d]! * z[at + d]!;
        s[r] = value;
      }
      sum += lossAt(n);
      for (let r = 0; r < R; r++) {
        const g = s[r]! / N;
        const w = r * D;
        gradient[R * D + r]! += g;
        for (let d = 0; d < D; d++) gradient[w + d]! += g * z[at + d]!;
      }
    }
    for (let i = 0; i < R * D; i++) {
      squares += x[i]! ** 2;
      gradient[i]! += lambda * x[i]!;
    }
    return sum / N + (lambda / 2) * squares;
  };
}

/** The class of each case, [cases]: of two the second where s > 0, of more the largest s. @param s [cases, R] */
export function classesOf(s: Float64Array, K: number): Int32Array {
  if (K === 2) return Int32Array.from(s, (v) => Number(v > 0));
  return Int32Array.from({ length: s.length / K }, (_, n) => {
    let best = 0;
    for (let k = 1; k < K; k++) if (s[n * K + k]! > s[n * K + best]!) best = k;
    return best;
  });
}

export interface ProbeDirection {
  /** [D] */
  unit: Float32Array;
  /** ‖w‖: s rises by so much for a step of 1 along it. */
  slope: number;
  /** Mean and standard deviation of x·unit over the cases that the probe was fitted on. */
  mean: number;
  deviation: number;
}

/**
 * Where a probe looks, in the hook's own space, whatever its inputs were scaled by. Of more than two classes a row for each, less the
 * mean of all rows, which changes no softmax. @returns one of two classes or numbers (towards the second, the larger), else K
 * @throws LabError "degenerate" for a probe that looks nowhere
 */
export function directionsOf(
  { W, b }: Pick<Probe, "W" | "b">,
  x: Float32Array,
  cases: Int32Array,
): ProbeDirection[] {
  const R = b.length;
  const D = W.length / R;
  const common = Float64Array.from({ length: D }, (_, d) => {
    let sum = 0;
    for (let r = 0; R > 1 && r < R; r++) sum += W[r * D + d]! / R;
    return sum;
  });
  return Array.from({ length: R }, (_, r) => {
    const w = Float64Array.from(common, (c, d) => W[r * D + d]! - c);
    const slope = Math.hypot(...w);
    if (!(slope > 0)) throw new LabError("degenerate", "the probe's weights are 0: no direction");
    const unit = Float32Array.from(w, (v) => v / slope);
    let [sum, squares] = [0, 0];
    const values = Float64Array.from(cases, (row) => {
      let value = 0;
      for (let d = 0; d < D; d++) value += x[row * D + d]! * unit[d]!;
      return value;
    });
    for (const v of values) sum += v;
    const mean = sum / values.length;
    for (const v of values) squares += (v - mean) ** 2;
    return { unit, slope, mean, deviation: Math.sqrt(squares / values.length) };
  });
}
