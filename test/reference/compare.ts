/** Comparing tensors of a padded float32 batch with float64 rows that were run alone. */
import type { Axes } from "../../src/core/hooks.ts";
import type { TensorData } from "../../src/core/types.ts";

/** The part of a padded batch that is one row's own: its positions, and its keys where there are keys. */
export function ownPart(
  { data, dims }: TensorData,
  row: number,
  length: number,
  axes: Axes | readonly ["T", "V"],
): number[] {
  const sizes = dims.slice(1);
  const size = sizes.reduce((a, b) => a * b, 1);
  const inside = (index: number) => {
    let rest = index;
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      const at = rest % sizes[axis]!;
      if ((axes[axis] === "T" || axes[axis] === "S") && at >= length) return false;
      rest = Math.floor(rest / sizes[axis]!);
    }
    return true;
  };
  return [...data.subarray(row * size, (row + 1) * size)].filter((_, index) => inside(index));
}

/**
 * The largest difference, in units of the largest expected value (at least `unit`); NaN if lengths differ or anything is
 * not comparable. Infinities must stand in the same places.
 */
export function relative(found: ArrayLike<number>, expected: ArrayLike<number>, unit = 1): number {
  if (found.length !== expected.length) return NaN;
  let largest = unit;
  let worst = 0;
  for (let i = 0; i < expected.length; i++) {
    if (Number.isFinite(expected[i])) largest = Math.max(largest, Math.abs(expected[i]!));
    const difference = found[i] === expected[i] ? 0 : Math.abs(found[i]! - expected[i]!);
    if (!(difference <= worst)) worst = difference;
    if (Number.isNaN(worst)) return NaN;
  }
  return worst / largest;
}
