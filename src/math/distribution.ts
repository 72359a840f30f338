/**
 * What one row of logits says as a distribution over the vocabulary: p_i = e^(z_i/τ) / Σ_j e^(z_j/τ). Sums in float64, the
 * largest logit taken off first. A constant added to all logits changes none of it, so it is the same in either basis.
 * Letters: z logits [V], τ temperature (unitless), V vocabulary.
 */
import { LabError } from "../core/lab-error.ts";

export interface Distribution {
  /** ln Σ e^(z/τ), in nats: ln p_i = z_i/τ − this */
  logSum: number;
  /** −Σ p ln p, in nats: 0 for a certainty, ln V where all are equally likely */
  entropy: number;
}

/** A logit of −∞ has no probability and adds nothing. @throws LabError "degenerate" if no probabilities follow */
export function distributionOf(z: Float32Array, temperature = 1): Distribution {
  let largest = -Infinity;
  for (const value of z) {
    if (!(value < Infinity)) throw degenerate(`a logit is ${value}`);
    if (value > largest) largest = value;
  }
  if (largest === -Infinity) throw degenerate(`none of ${z.length} logits is finite`);
  let [sum, weighted] = [0, 0];
  for (const value of z) {
    const y = (value - largest) / temperature;
    const e = Math.exp(y);
    if (e === 0) continue;
    sum += e;
    weighted += e * y;
  }
  // H = ln S − Σ e·y / S, with y below 0: both terms add up, so nothing cancels.
  return {
    logSum: largest / temperature + Math.log(sum),
    entropy: Math.log(sum) - weighted / sum,
  };
}

const degenerate = (what: string) =>
  new LabError("degenerate", `${what}, so there are no probabilities`);

/**
 * Ranks of tokens: 1 for the likeliest, one more than the number of tokens with a larger logit, so that equal ones share the
 * better rank. One pass over the vocabulary for all of them.
 */
export function ranksOf(z: Float32Array, ids: readonly number[]): number[] {
  const own = Float32Array.from(ids, (id) => z[id]!).sort();
  /** How many logits are larger than exactly i of them. */
  const larger = new Uint32Array(own.length + 1);
  for (const value of z) {
    let [low, high] = [0, own.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (own[middle]! < value) low = middle + 1;
      else high = middle;
    }
    larger[low]!++;
  }
  const rank = new Map<number, number>();
  for (let i = own.length - 1, above = 0; i >= 0; i--) {
    above += larger[i + 1]!;
    rank.set(own[i]!, 1 + above);
  }
  return ids.map((id) => rank.get(z[id]!)!);
}

/** The rank of one token. */
export const rankOf = (z: Float32Array, id: number): number => ranksOf(z, [id])[0]!;

/** A distribution that others are measured against. */
export interface Reference {
  /** [V] */
  p: Float32Array;
  /** In nats. */
  entropy: number;
}

/** Writes softmax(z) into `p`, at temperature 1. @param p [V] */
export function referenceInto(z: Float32Array, p: Float32Array): Reference {
  const { logSum, entropy } = distributionOf(z);
  for (let i = 0; i < z.length; i++) p[i] = Math.exp(z[i]! - logSum);
  return { p, entropy };
}

/**
 * KL(q ‖ p) = Σ q (ln q − ln p), in nats: how far p, of the logits z, is from the reference q; ∞ where p is 0 and q is not.
 * Computed as −H(q) − Σ q ln p; what float32 leaves below 0, where KL cannot lie, is 0.
 */
export function divergence({ p: q, entropy }: Reference, z: Float32Array, logSum: number): number {
  let cross = 0;
  for (let i = 0; i < z.length; i++) if (q[i]! > 0) cross -= q[i]! * (z[i]! - logSum);
  return Math.max(0, cross - entropy);
}
