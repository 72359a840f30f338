/** Scores by hand, folds that share no text, labels that say nothing. */
import { describe, expect, it } from "vitest";
import { groupFolds } from "../../src/math/group-folds.ts";
import { keyedRandom } from "../../src/math/keyed-random.ts";
import {
  accuracyOf,
  areaUnderCurve,
  balancedAccuracyOf,
  confusion,
  varianceExplained,
} from "../../src/math/probe-scores.ts";
import { labelsByType, permutedLabels } from "../../src/math/shuffled-labels.ts";

describe("scores", () => {
  it("accuracy and balanced accuracy of seven cases", () => {
    // Of class 0 three of four, of class 1 one of two, of class 2 none of one.
    const truth = Int32Array.of(0, 0, 0, 0, 1, 1, 2);
    const told = Int32Array.of(0, 0, 0, 1, 1, 2, 0);
    const counts = confusion(truth, told, 3);
    expect([...counts]).toEqual([3, 1, 0, 0, 1, 1, 1, 0, 0]);
    expect(accuracyOf(counts, 3)).toBeCloseTo(4 / 7, 12);
    expect(balancedAccuracyOf(counts, 3)).toBeCloseTo((3 / 4 + 1 / 2 + 0) / 3, 12);
  });
  it("a class without cases does not count", () => {
    const counts = confusion(Int32Array.of(0, 0), Int32Array.of(0, 1), 2);
    expect(balancedAccuracyOf(counts, 2)).toBe(0.5);
    expect(() => accuracyOf(new Float64Array(4), 2)).toThrow(/no held-out/);
  });
  it.each([
    ["every pair in order", [1, 2, 3, 4], [0, 0, 1, 1], 1],
    ["one of four pairs out of order", [1, 3, 2, 4], [0, 0, 1, 1], 3 / 4],
    ["ties count half", [1, 1, 1], [0, 1, 1], 1 / 2],
    ["a tie among others", [0, 2, 2, 5], [0, 0, 1, 1], 7 / 8],
  ])("area under the curve: %s", (_, s, truth, area) => {
    expect(areaUnderCurve(Float64Array.from(s), Int32Array.from(truth))).toBeCloseTo(area, 12);
  });
  it("cannot say an area of one class, nor R² of one number", () => {
    expect(areaUnderCurve(Float64Array.of(1, 2), Int32Array.of(1, 1))).toBeNull();
    expect(varianceExplained(Float64Array.of(1, 2), Float64Array.of(3, 3))).toBeNull();
  });
  it("R² by hand", () => {
    // y 1 2 6: mean 3, Σ(y−3)² = 14; s 1 3 4: Σ(y−s)² = 5
    const r2 = varianceExplained(Float64Array.of(1, 3, 4), Float64Array.of(1, 2, 6));
    expect(r2).toBeCloseTo(1 - 5 / 14, 12);
  });
});

describe("folds", () => {
  it("share no text, have like shares of each class, and are the same for a seed", () => {
    const random = keyedRandom(3);
    const group: number[] = [];
    const label: number[] = [];
    for (let g = 0; g < 60; g++) {
      const n = 1 + Math.floor(random() * 12);
      for (let i = 0; i < n; i++) {
        group.push(g);
        label.push(random() < 0.1 ? 2 : g % 2);
      }
    }
    const of = (seed: number) =>
      groupFolds(Int32Array.from(group), Int32Array.from(label), 5, seed);
    const fold = of(1);
    expect(of(1)).toEqual(fold);
    expect(of(2)).not.toEqual(fold);
    expect(new Set(fold)).toEqual(new Set([0, 1, 2, 3, 4]));
    for (let k = 0; k < 3; k++) {
      const all = label.filter((l) => l === k).length;
      for (let f = 0; f < 5; f++) {
        const here = label.filter((l, n) => l === k && fold[group[n]!] === f).length;
        expect(here / all).toBeGreaterThan(0.12);
        expect(here / all).toBeLessThan(0.28);
      }
    }
  });
  it("of texts with one label each are even", () => {
    const label = Int32Array.from({ length: 50 }, (_, n) => Number(n < 15));
    const fold = groupFolds(Int32Array.from(label.keys()), label, 5, 7);
    for (let f = 0; f < 5; f++) {
      expect(label.filter((k, n) => fold[n] === f && k === 1)).toHaveLength(3);
      expect(label.filter((k, n) => fold[n] === f && k === 0)).toHaveLength(7);
    }
  });
  it("refuses fewer texts than folds", () => {
    expect(() => groupFolds(Int32Array.of(0, 0, 1), new Int32Array(3), 5, 0)).toThrow(
      /2 different texts/,
    );
  });
});

describe("labels that say nothing", () => {
  it("are one a token type", () => {
    const types = [5, 7, 5, 9, 7, 5, 11, 13];
    const given = labelsByType(types, ["a", "b", "a", "c"], 4);
    types.forEach((type, i) => expect(given[i]).toBe(given[types.indexOf(type)]));
    expect(labelsByType(types, ["a", "b", "a", "c"], 4)).toEqual(given);
  });
  it("have the shares of the true ones", () => {
    const types = Array.from({ length: 4000 }, (_, i) => i);
    const given = labelsByType(types, [0, 0, 0, 1], 1);
    const share = given.filter((l) => l === 1).length / 4000;
    // Four standard deviations of a binomial of p = 1/4.
    expect(Math.abs(share - 0.25)).toBeLessThan(4 * Math.sqrt((0.25 * 0.75) / 4000));
  });
  it("of texts are the same labels in another order", () => {
    const labels = Array.from({ length: 30 }, (_, i) => i % 4);
    const shuffled = permutedLabels(labels, 2);
    expect(shuffled).not.toEqual(labels);
    expect([...shuffled].sort()).toEqual([...labels].sort());
  });
});
