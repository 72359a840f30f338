/** Softmax over one row of logits, and its largest entries. */
import { LabError } from "../core/lab-error.ts";

/**
 * p_i = e^(z_i / τ) / Σ_j e^(z_j / τ), with the largest z taken off first so that nothing overflows; sum in float64.
 * @param logits [V]; −Infinity gives 0
 * @param temperature τ > 0, unitless
 * @returns [V], sums to 1 up to float32
 * @throws LabError "degenerate" if no probability follows: a NaN or +Infinity, or nothing but −Infinity
 */
export function softmax(logits: Float32Array, temperature = 1): Float32Array {
  let largest = -Infinity;
  for (const z of logits) {
    if (!(z < Infinity))
      throw new LabError("degenerate", `a logit is ${z}, so there are no probabilities`);
    if (z > largest) largest = z;
  }
  if (largest === -Infinity) {
    throw new LabError(
      "degenerate",
      `none of ${logits.length} logits is finite, so there are no probabilities`,
    );
  }
  const out = new Float32Array(logits.length);
  let sum = 0;
  for (let i = 0; i < out.length; i++) {
    const e = Math.exp((logits[i]! - largest) / temperature);
    out[i] = e;
    sum += e;
  }
  for (let i = 0; i < out.length; i++) out[i]! /= sum;
  return out;
}

/**
 * Indices of the k largest values, largest first; of equal ones the lower index first.
 * @returns min(k, length) indices
 */
export function topIndices(values: Float32Array, k: number): number[] {
  const top: number[] = [];
  if (k <= 0) return top;
  let worst = -Infinity;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (top.length === k && value <= worst) continue;
    let at = top.length;
    while (at > 0 && values[top[at - 1]!]! < value) at--;
    top.splice(at, 0, i);
    if (top.length > k) top.pop();
    worst = values[top.at(-1)!]!;
  }
  return top;
}
