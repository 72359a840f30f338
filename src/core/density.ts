/**
 * The histogram of log10 density, density being the share of tokens on which a latent is active (SAELens draws it as
 * "feature density"). Plain data.
 */

/** Bins a decade. */
const PER_DECADE = 5;
const DECADES = 6;
/** 10⁻⁶ … 1, five to a decade. */
export const DENSITY_EDGES: readonly number[] = Array.from(
  { length: DECADES * PER_DECADE + 1 },
  (_, i) => 10 ** ((i - DECADES * PER_DECADE) / PER_DECADE),
);
/** Tokens of a window: a density below 1 in so many is told from none only by luck. */
export const DENSITY_WINDOW = 50_000;

/** Counts of latents. */
export interface DensityHistogram {
  /** Tokens over which densities were taken. */
  tokens: number;
  /** Active on none of them. */
  never: number;
  /** Active on some, but on less than the first edge. */
  below: number;
  /** From edge i, with it, to edge i + 1, without it. */
  counts: number[];
  /** Active on every token. */
  always: number;
}

/** Active on more than a tenth of the tokens: what SAEBench counts as firing too often (its ">10%"). */
export const DENSE_FROM = 0.1;

/** Latents whose density is `DENSE_FROM` or more. */
export function denseCount({ counts, always }: DensityHistogram): number {
  const first = DENSITY_EDGES.findIndex((edge) => edge >= DENSE_FROM * (1 - 1e-9));
  return counts.slice(first).reduce((sum, count) => sum + count, always);
}
