/**
 * Metrics of logits: their value, and where their gradient begins. Each has d metric / d logits = constant + s · p, with
 * p the probabilities at the place, so that the graph needs no more than those two.
 *
 * At a place with logits z and p = softmax(z):
 *   logitDiff  z_a − z_b          δ_a − δ_b
 *   logProb    ln p_a             δ_a − p
 *   loss       −mean ln p_next    (p − δ_next) / n
 *   kl         Σ q ln(q / p)      p − q
 */
import { LabError } from "../core/lab-error.ts";

export type LogitMetric =
  | { kind: "logitDiff"; token: number; against: number }
  | { kind: "logProb"; token: number }
  | { kind: "loss"; next: readonly number[] }
  | { kind: "kl"; reference: Float32Array };

export interface LogitGradient {
  /** [K, V] */
  constant: Float32Array;
  /** [K] */
  softmax: Float32Array;
}

/**
 * @param places K: 1, and for the loss as many as there are next tokens
 * @throws LabError "shape" if they are not, or the reference has another vocabulary
 */
export function logitGradient(
  metric: LogitMetric,
  places: number,
  vocabulary: number,
): LogitGradient {
  checkSizes(metric, places, vocabulary);
  const constant = new Float32Array(places * vocabulary);
  const softmax = new Float32Array(places);
  switch (metric.kind) {
    case "logitDiff":
      constant[metric.token]! += 1;
      constant[metric.against]! -= 1;
      break;
    case "logProb":
      constant[metric.token] = 1;
      softmax[0] = -1;
      break;
    case "loss":
      metric.next.forEach((token, i) => (constant[i * vocabulary + token] = -1 / places));
      softmax.fill(1 / places);
      break;
    case "kl": {
      const log = logSoftmax(metric.reference);
      for (let i = 0; i < vocabulary; i++) constant[i] = -Math.exp(log[i]!);
      softmax[0] = 1;
    }
  }
  return { constant, softmax };
}

/** @param logits [K, V] @throws LabError "shape"; "degenerate" where a probability is no number */
export function logitMetricValue(
  metric: LogitMetric,
  logits: Float32Array,
  vocabulary: number,
): number {
  const places = logits.length / vocabulary;
  checkSizes(metric, places, vocabulary);
  if (metric.kind === "logitDiff") return logits[metric.token]! - logits[metric.against]!;
  const log = (place: number) =>
    logSoftmax(logits.subarray(place * vocabulary, (place + 1) * vocabulary));
  if (metric.kind === "logProb") return log(0)[metric.token]!;
  if (metric.kind === "loss") {
    return metric.next.reduce((sum, token, i) => sum - log(i)[token]!, 0) / places;
  }
  const [q, p] = [logSoftmax(metric.reference), log(0)];
  let kl = 0;
  for (let i = 0; i < vocabulary; i++) kl += Math.exp(q[i]!) * (q[i]! - p[i]!);
  return kl;
}

/** ln softmax(z), float64 [V]. @throws LabError "degenerate" if a logit is NaN or infinite */
export function logSoftmax(z: Float32Array): Float64Array {
  let largest = -Infinity;
  for (const v of z) {
    if (!Number.isFinite(v))
      throw new LabError("degenerate", `a logit is ${v}: no probabilities follow`);
    largest = Math.max(largest, v);
  }
  let sum = 0;
  for (const v of z) sum += Math.exp(v - largest);
  const shift = largest + Math.log(sum);
  return Float64Array.from(z, (v) => v - shift);
}

function checkSizes(metric: LogitMetric, places: number, vocabulary: number): void {
  const expected = metric.kind === "loss" ? metric.next.length : 1;
  if (places !== expected || places === 0) {
    throw new LabError("shape", `${metric.kind} reads ${expected} places, got logits of ${places}`);
  }
  if (metric.kind === "kl" && metric.reference.length !== vocabulary) {
    throw new LabError(
      "shape",
      `KL compares distributions over one vocabulary, got ${metric.reference.length} and ${vocabulary}`,
    );
  }
}
