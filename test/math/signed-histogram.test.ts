import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SignedHistogram } from "../../src/math/signed-histogram.ts";

const histogramOf = (values: readonly number[], bins = 16) => {
  const histogram = new SignedHistogram(bins);
  for (const value of values) histogram.add(value);
  return histogram.read();
};
const value = fc.oneof(
  fc.double({ min: -1e6, max: 1e6, noNaN: true }),
  fc.double({ min: -2, max: 2, noNaN: true }),
  fc.constantFrom(0, -0, 1, -1, 0.5, -0.25),
);

describe("a histogram of either sign", () => {
  it("counts by hand", () => {
    // The largest size is 3, 8 bins of either sign: bins of 1/2.
    expect(histogramOf([-1, -0.1, 0, 0.4, 0.5, 3])).toEqual({
      binWidth: 0.5,
      from: -2,
      counts: [1, 1, 2, 1, 0, 0, 0, 0, 1],
    });
  });
  it("of nothing, and of nothing but zeros", () => {
    expect(histogramOf([])).toEqual({ binWidth: 0, from: 0, counts: [] });
    expect(histogramOf([0, -0, 0])).toEqual({ binWidth: 1, from: 0, counts: [3] });
  });
  it("counts every value once, where it belongs, and does not depend on their order", () => {
    fc.assert(
      fc.property(fc.array(value, { maxLength: 60 }), (values) => {
        const { binWidth, from, counts } = histogramOf(values);
        counts.forEach((count, i) => {
          const [low, high] = [(from + i) * binWidth, (from + i + 1) * binWidth];
          expect(count).toBe(values.filter((v) => v >= low && v < high).length);
        });
        expect(counts.reduce((a, b) => a + b, 0)).toBe(values.length);
        if (values.some(Boolean)) expect(Math.log2(binWidth)).toSatisfy(Number.isInteger);
        expect(histogramOf(values.toReversed())).toEqual(histogramOf(values));
      }),
    );
  });
  it("refuses what is no number, and bins that do not merge", () => {
    const histogram = new SignedHistogram(8);
    for (const bad of [NaN, Infinity, -Infinity]) expect(() => histogram.add(bad)).toThrow(/got/);
    expect(() => new SignedHistogram(6)).toThrow(/multiple of 4/);
  });
});
