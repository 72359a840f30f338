import fc from "fast-check";
import { expect, it } from "vitest";
import { correlation } from "../../src/math/correlation.ts";
import { Moments } from "../../src/math/moments.ts";

const momentsOf = (values: readonly number[]) => {
  const moments = new Moments();
  for (const value of values) moments.add(value);
  return moments;
};

it("mean and deviation by hand; of nothing there is none", () => {
  const { count, mean, deviation, least, most } = momentsOf([2, 4, 4, 4, 5, 5, 7, 9]);
  expect([count, mean, deviation, least, most]).toEqual([8, 5, 2, 2, 9]);
  const none = momentsOf([]);
  expect([none.count, none.mean, none.deviation]).toEqual([0, null, null]);
});
it("stay exact where the mean is far from 0", () => {
  const far = momentsOf([1e9 + 1, 1e9 + 3, 1e9 + 5]);
  expect(far.mean).toBe(1e9 + 3);
  expect(far.deviation).toBeCloseTo(Math.sqrt(8 / 3), 9);
});
it("agree with two passes", () => {
  const values = fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), {
    minLength: 1,
    maxLength: 50,
  });
  fc.assert(
    fc.property(values, (v) => {
      const mean = v.reduce((a, b) => a + b, 0) / v.length;
      const variance = v.reduce((a, b) => a + (b - mean) ** 2, 0) / v.length;
      expect(momentsOf(v).mean).toBeCloseTo(mean, 7);
      expect(momentsOf(v).deviation).toBeCloseTo(Math.sqrt(variance), 7);
    }),
  );
});

it("correlation by hand, of a line, and of what does not change", () => {
  // Deviations −1.5 −0.5 0.5 1.5 and −1 −1 1 1: 4 / √(5 · 4).
  expect(correlation([1, 2, 3, 4], [0, 0, 2, 2])).toBeCloseTo(4 / Math.sqrt(20), 12);
  expect(correlation([1, 5, 2], [-2, -10, -4])).toBeCloseTo(-1, 12);
  expect(correlation([0.1, 0.1, 0.1], [1, 2, 3])).toBeNull();
  expect(() => correlation([1], [1, 2])).toThrow(/beside/);
});
