/** How well labels are told. Axis letters: N cases, K classes. */
import { LabError } from "../core/lab-error.ts";

/** How often class k was told as class j. @returns [K, K], rows the truth */
export function confusion(truth: Int32Array, told: Int32Array, K: number): Float64Array {
  if (truth.length !== told.length) {
    throw new LabError("shape", `${told.length} answers for ${truth.length} cases`);
  }
  const counts = new Float64Array(K * K);
  truth.forEach((k, n) => (counts[k * K + told[n]!]! += 1));
  return counts;
}

/** Share of the cases that are told rightly. @throws LabError "degenerate" without cases */
export function accuracyOf(counts: Float64Array, K: number): number {
  const total = counts.reduce((a, b) => a + b, 0);
  if (total === 0) throw new LabError("degenerate", "there are no held-out cases");
  let right = 0;
  for (let k = 0; k < K; k++) right += counts[k * K + k]!;
  return right / total;
}

/** Mean over the classes that there are of the share of their cases that is told rightly (recall). */
export function balancedAccuracyOf(counts: Float64Array, K: number): number {
  const recalls: number[] = [];
  for (let k = 0; k < K; k++) {
    const total = counts.subarray(k * K, (k + 1) * K).reduce((a, b) => a + b, 0);
    if (total > 0) recalls.push(counts[k * K + k]! / total);
  }
  if (recalls.length === 0) throw new LabError("degenerate", "there are no held-out cases");
  return recalls.reduce((a, b) => a + b, 0) / recalls.length;
}

/**
 * Area under the ROC curve: the chance that a case of the second class has a larger s than one of the first, ties by half
 * (Mann and Whitney's U / n₀n₁). @returns null unless there are cases of both
 */
export function areaUnderCurve(s: Float64Array, truth: Int32Array): number | null {
  const order = [...s.keys()].sort((a, b) => s[a]! - s[b]!);
  const positives = truth.reduce((n, k) => n + Number(k === 1), 0);
  const negatives = truth.length - positives;
  if (positives === 0 || negatives === 0) return null;
  let ranks = 0;
  for (let i = 0; i < order.length;) {
    const value = s[order[i]!];
    let end = i;
    while (end < order.length && s[order[end]!] === value) end++;
    const rank = (i + 1 + end) / 2; // of ties the mean
    for (let j = i; j < end; j++) if (truth[order[j]!] === 1) ranks += rank;
    i = end;
  }
  return (ranks - (positives * (positives + 1)) / 2) / (positives * negatives);
}

/** R² = 1 − Σ(y − s)² / Σ(y − mean y)² over the cases judged; null where y does not vary. */
export function varianceExplained(s: Float64Array, y: Float64Array): number | null {
  const mean = y.reduce((a, b) => a + b, 0) / y.length;
  let [left, all] = [0, 0];
  y.forEach((v, n) => {
    left += (v - s[n]!) ** 2;
    all += (v - mean) ** 2;
  });
  return all > 0 ? 1 - left / all : null;
}
