/** Which features are active together, over the tokens of a pass. */
import type { ActiveTokens } from "./active-tokens.ts";

/** The most correlated of each feature. */
export const CORRELATED = 10;
/** Products that all of them may cost: some seconds. */
const WORK = 2e9;
/** Sums that are gathered at a time: 32 MB. */
const SUMS = 4e6;

export interface Correlations {
  /** Tokens that they are over. */
  tokens: number;
  /** Of each feature how many follow, [F]. */
  counts: Uint8Array;
  /** Largest r first, [F, CORRELATED]. */
  features: Uint32Array;
  r: Float32Array;
}

/**
 * Pearson's r = (Σab − N ā b̄) / √((Σa² − N ā²)(Σb² − N b̄²)) of each feature a with the features b that are active with it on
 * some token, over all N tokens or, where that would take too long, those of every n-th context. Sums in float64. A feature
 * that is the same on every token has none.
 * Yields its progress, 0–1.
 * @param work for tests; @default some seconds
 */
export function* correlatedFeatures(
  { contexts, contextSize }: ActiveTokens,
  F: number,
  work = WORK,
): Generator<number, Correlations> {
  const products = contexts.reduce(
    (sum, { starts }) =>
      starts.slice(1).reduce((n, end, row) => n + (end - starts[row]!) ** 2, sum),
    0,
  );
  const every = Math.max(1, Math.ceil(products / work));
  const read = contexts.filter((_, c) => c % every === 0);
  const tokens = read.length * Math.max(0, contextSize - 1);
  const found: Correlations = {
    tokens,
    counts: new Uint8Array(F),
    features: new Uint32Array(F * CORRELATED),
    r: new Float32Array(F * CORRELATED),
  };
  const sum = new Float64Array(F);
  const square = new Float64Array(F);
  for (const { features, values } of read) {
    features.forEach((f, i) => {
      sum[f]! += values[i]!;
      square[f]! += values[i]! ** 2;
    });
  }
  // N times the variance; 0 for a constant, whatever rounding leaves.
  const spread = square.map((q, f) => {
    const rest = q - sum[f]! ** 2 / tokens;
    return rest > 1e-12 * q ? rest : 0;
  });
  const height = Math.max(1, Math.min(F, Math.floor(SUMS / F)));
  const together = new Float64Array(height * F);
  for (let low = 0; low < F; low += height) {
    const high = Math.min(F, low + height);
    together.fill(0);
    for (const [n, { starts, features, values }] of read.entries()) {
      for (let row = 0; row + 1 < starts.length; row++) {
        const [start, end] = [starts[row]!, starts[row + 1]!];
        for (let i = start; i < end; i++) {
          const feature = features[i]!;
          if (feature < low || feature >= high) continue;
          const base = (feature - low) * F;
          const value = values[i]!;
          for (let j = start; j < end; j++) together[base + features[j]!]! += value * values[j]!;
        }
      }
      yield (low + ((high - low) * n) / read.length) / F;
    }
    for (let a = low; a < high; a++) {
      for (let b = 0; b < F; b++) {
        const ab = together[(a - low) * F + b]!;
        if (a === b || ab === 0 || spread[a] === 0 || spread[b] === 0) continue;
        const r = (ab - (sum[a]! * sum[b]!) / tokens) / Math.sqrt(spread[a]! * spread[b]!);
        keep(found, a, b, r);
      }
      yield a / F;
    }
  }
  return found;
}

function keep({ counts, features, r }: Correlations, a: number, b: number, value: number): void {
  const start = a * CORRELATED;
  const count = counts[a]!;
  if (count === CORRELATED && !(value > r[start + count - 1]!)) return;
  let at = Math.min(count, CORRELATED - 1);
  while (at > 0 && value > r[start + at - 1]!) {
    features[start + at] = features[start + at - 1]!;
    r[start + at] = r[start + at - 1]!;
    at--;
  }
  features[start + at] = b;
  r[start + at] = value;
  counts[a] = Math.min(CORRELATED, count + 1);
}
