/** Metrics of float32 runs against those of the float64 model. */
import { expect } from "vitest";

/** Each within `tolerance` of its value, of 1 at least; what cannot be told is NaN in both. */
export function expectNear(
  found: ArrayLike<number>,
  expected: readonly number[],
  told: string,
  tolerance = 2e-4,
): void {
  expect(found.length, told).toBe(expected.length);
  expected.forEach((value, i) => {
    const got = found[i]!;
    const error = Math.abs(got - value) / Math.max(1, Math.abs(value));
    const same = Number.isNaN(value) ? Number.isNaN(got) : error < tolerance;
    expect(same, `${told}, ${i}: ${got} for ${value}`).toBe(true);
  });
}
