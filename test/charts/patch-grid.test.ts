import { describe, expect, it } from "vitest";
import {
  agreement,
  binned,
  estimated,
  patchCells,
  scaleOf,
  strongestCells,
} from "../../src/charts/patch-grid.ts";

const pairs = [
  { clean: 4, corrupted: 0 },
  { clean: 8, corrupted: 2 },
];
const metrics = [Float64Array.of(0, 4, NaN), Float64Array.of(2, 7, 12)];

describe("cells of a sweep", () => {
  const ends = scaleOf(pairs);
  const scale = "scale" in ends ? ends.scale : null; // span 5

  it("normalised: the mean over pairs, its error, n of those that have the place", () => {
    const { stats, means } = patchCells(metrics, pairs, "denoise", scale, 4);
    // (4 − 0)/5 and (7 − 2)/5: mean 0.9, s = √0.02, error √(0.02/2) = 0.1.
    expect(stats[1]).toMatchObject({ n: 2 });
    expect(stats[1]!.mean).toBeCloseTo(0.9, 12);
    expect(stats[1]!.error).toBeCloseTo(0.1, 12);
    // Of the second pair alone, between its own ends: (12 − 2)/6.
    expect(stats[2]).toMatchObject({ n: 1, error: null });
    expect(stats[2]!.mean).toBeCloseTo(10 / 6, 12);
    expect([...means].map((v) => Number(v.toFixed(6)))).toEqual([0, 0.9, 1.666667, NaN]);
  });

  it("in the metric's own unit, from the run that is patched", () => {
    const means = (direction: "denoise" | "noise") => [
      ...patchCells(metrics, pairs, direction, null, 3).means,
    ];
    expect(means("denoise")).toEqual([0, 4.5, 10]);
    expect(means("noise")).toEqual([-5, -0.5, 4]);
  });

  it("has no colour where nothing changes: 0 for clean into corrupted, 1 the other way", () => {
    const at = (direction: "denoise" | "noise") =>
      patchCells(metrics, pairs, direction, scale, 3).scale;
    const { low, high } = at("denoise");
    expect([low, high].map((v) => Number(v.toFixed(5)))).toEqual([-1.66667, 1.66667]);
    expect(at("noise")).toEqual({ low: 0, high: 2 });
  });

  it("a sweep that was stopped after one pair lies between that pair's ends", () => {
    const [first] = patchCells(
      ...([[Float64Array.of(4, 0), Float64Array.of(NaN, NaN)], pairs, "noise", scale, 2] as const),
    ).stats;
    expect(first).toEqual({ n: 1, mean: 1, error: null });
    const flat = [...pairs, { clean: 1, corrupted: 1 }];
    const only = [Float64Array.of(NaN), Float64Array.of(NaN), Float64Array.of(3)];
    expect(patchCells(only, flat, "denoise", scale, 1).stats).toEqual([null]); // 0/0
  });

  it("says why there are no ends", () => {
    expect(scaleOf([{ clean: 1, corrupted: 1 }])).toMatchObject({ error: { code: "degenerate" } });
  });

  it("estimates begin where the run does", () => {
    const added = [Float64Array.of(1), Float64Array.of(-1)];
    expect(estimated(added, pairs, "denoise").map((v) => v[0])).toEqual([1, 1]);
    expect(estimated(added, pairs, "noise").map((v) => v[0])).toEqual([5, 7]);
  });

  it("the strongest, and how well two agree", () => {
    const exact = patchCells(metrics, pairs, "denoise", scale, 3);
    expect(strongestCells(exact, 0, 2)).toEqual([2, 1]);
    expect(strongestCells(exact, 1, 1)).toEqual([0]); // by the distance from 1; the first of equals
    const same = agreement(exact, exact, 0);
    expect(same.points.map(({ cell }) => cell)).toEqual([2, 1, 0]);
    expect(same.correlation).toBeCloseTo(1, 12);
    const few = patchCells([Float64Array.of(1, NaN, NaN)], pairs.slice(0, 1), "denoise", null, 3);
    expect(agreement(exact, few, 0)).toMatchObject({ points: [{ cell: 0 }], correlation: null });
  });
});

describe("bins", () => {
  it("hold every value once, in round widths", () => {
    const values = [-1.3, 0, 0.2, 4.9, 5];
    const { binWidth, from, counts } = binned(values)!;
    expect(binWidth).toBe(0.5);
    expect(from).toBe(-3);
    expect(counts.reduce((a, b) => a + b, 0)).toBe(5);
    expect(counts[0]).toBe(1);
    expect(counts.at(-1)).toBe(1);
  });
  it("of one value, and of none", () => {
    expect(binned([2, 2])!.counts).toEqual([2]);
    expect(binned([0])!.counts).toEqual([1]);
    expect(binned([])).toBeNull();
  });
});
