/** Pearson's correlation. */
import { LabError } from "../core/lab-error.ts";

/**
 * Σ(a − ā)(b − b̄) / √(Σ(a − ā)² Σ(b − b̄)²), sums in float64; unitless, −1 … 1.
 * @returns null where either is the same everywhere: 0/0
 * @throws LabError "shape" if the lengths differ
 */
export function correlation(a: ArrayLike<number>, b: ArrayLike<number>): number | null {
  const n = a.length;
  if (n !== b.length) throw new LabError("shape", `${n} values beside ${b.length}`);
  // Asked of the values themselves: rounding of the mean would make a spread out of nothing.
  if (isConstant(a) || isConstant(b)) return null;
  let [meanA, meanB] = [0, 0];
  for (let i = 0; i < n; i++) {
    meanA += a[i]! / n;
    meanB += b[i]! / n;
  }
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    const [x, y] = [a[i]! - meanA, b[i]! - meanB];
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  return ab / Math.sqrt(aa * bb);
}

function isConstant(x: ArrayLike<number>): boolean {
  for (let i = 1; i < x.length; i++) if (x[i] !== x[0]) return false;
  return true;
}
