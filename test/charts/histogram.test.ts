import { expect, it } from "vitest";
import { binWords, histogramBars } from "../../src/charts/histogram.ts";

const histogram = { binWidth: 0.5, counts: [800, 0, 1, 199] };

it("draws one bar a bin; what is there can be seen, what is not cannot", () => {
  const bars = histogramBars(histogram, 400, 100);
  expect(bars.map(({ x }) => x)).toEqual([0, 100, 200, 300]);
  expect(bars.map(({ height }) => Math.round(height))).toEqual([100, 0, 1, 25]);
  expect(bars.map(({ y, height }) => y + height)).toEqual([100, 100, 100, 100]);
});
it("says what a bin holds", () => {
  expect(binWords(histogram, 0)).toBe("0.00 to 0.50: 800 tokens, 80.0 % of its activations");
  expect(binWords(histogram, 2)).toMatch(/^1\.00 to 1\.50: 1 token, 0\.1 %/);
  expect(binWords({ binWidth: 2, counts: [0] }, 0)).toBe("0.0 to 2.0: 0 tokens");
  expect(binWords(histogram, 9)).toBe("");
});
it("survives a feature without activations", () => {
  expect(histogramBars({ binWidth: 1, counts: [0, 0] }, 10, 10).map((bar) => bar.height)).toEqual([
    0, 0,
  ]);
  expect(histogramBars({ binWidth: 1, counts: [] }, 10, 10)).toEqual([]);
});
