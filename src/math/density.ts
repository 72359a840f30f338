/** How often features fire, over all features: a histogram of log₁₀ densities, as SAELens logs it. */
import { LabError } from "../core/lab-error.ts";
import type { Densities } from "../core/sae.ts";

/** Bins from 10⁻⁷ to 1, four a decade. A density below goes to the first. */
const FIRST = -7;
const PER_DECADE = 4;

/**
 * @param densities share of tokens on which each feature is active, 0 … 1, [F]
 * @returns counts by log₁₀; those that never fired apart. Counts and `silent` add up to F
 * @throws LabError "bad-input" for what is no share
 */
export function densityHistogram(densities: ArrayLike<number>): Densities {
  const counts = new Array<number>(-FIRST * PER_DECADE).fill(0);
  let silent = 0;
  for (let f = 0; f < densities.length; f++) {
    const density = densities[f]!;
    if (!(density >= 0 && density <= 1)) {
      throw new LabError("bad-input", `the density of feature ${f} is ${density}, no share`);
    }
    if (density === 0) {
      silent++;
      continue;
    }
    const bin = Math.floor((Math.log10(density) - FIRST) * PER_DECADE + 1e-9);
    counts[Math.min(counts.length - 1, Math.max(0, bin))]!++;
  }
  return { first: FIRST, width: 1 / PER_DECADE, counts, silent };
}
