import { describe, expect, it } from "vitest";
import { largestMagnitude, worstDeviation } from "../../src/math/deviation.ts";
import { attend, headSum, rowSoftmax, rowSums } from "../../src/math/identity-parts.ts";

describe("the worst deviation", () => {
  it("is the one that is furthest off for its own tolerance", () => {
    const pairs = [
      { where: "large", expected: [100, -200], found: [100.1, -200] }, // 0.1 of 0.2 allowed
      { where: "small", expected: [0.5, 1, 2], found: [0.5, 1.0015, 2] }, // 0.0015 of 0.002
    ];
    const worst = worstDeviation(pairs, 1e-3);
    expect(worst).toMatchObject({ where: "small [1]", expected: 1, compared: 5, pass: true });
    expect(worst.difference).toBeCloseTo(0.0015, 12);
    expect(worst.tolerance).toBeCloseTo(0.002, 12);
    expect(worstDeviation(pairs, 1e-4).pass).toBe(false);
  });

  it("takes equal infinities for equal and NaN for wrong", () => {
    const same = { where: "a", expected: [-Infinity, 1], found: [-Infinity, 1] };
    expect(worstDeviation([same], 0)).toMatchObject({ pass: true, difference: 0 });
    const nan = { where: "a", expected: [1, 2], found: [NaN, 2] };
    expect(worstDeviation([nan], 1)).toMatchObject({ pass: false, where: "a [0]" });
    const one = { where: "a", expected: [-Infinity, 1], found: [0, 1] };
    expect(worstDeviation([one], 1).pass).toBe(false);
  });

  it("does not pass unequal lengths, or nothing at all", () => {
    const lengths = { where: "a", expected: [1, 2, 3], found: [1, 2] };
    expect(worstDeviation([lengths], 1)).toMatchObject({ pass: false, expected: 3, found: 2 });
    expect(worstDeviation([], 1)).toMatchObject({ pass: false, where: "nothing was compared" });
  });

  it("allows nothing where the tolerance is 0", () => {
    const pair = { where: "a", expected: [0, 0], found: [0, 1e-30] };
    expect(worstDeviation([pair], 0).pass).toBe(false);
  });

  it("scales by what is finite", () => expect(largestMagnitude([-3, Infinity], [2])).toBe(3));
});

describe("parts of identities", () => {
  it("sums heads [R 1, H 2, D 3] with a bias", () => {
    const result = Float32Array.of(1, 2, 3, 10, 20, 30);
    expect([...headSum(result, Float32Array.of(100, 200, 300), 2)]).toEqual([111, 222, 333]);
  });
  it("sums rows, and takes their softmax, −∞ as 0", () => {
    expect([...rowSums(Float32Array.of(1, 2, 3, 4, 5, 6), 3)]).toEqual([6, 15]);
    const p = rowSoftmax(Float32Array.of(0, Math.log(3), -Infinity), 3);
    expect([...p].map((x) => Number(x.toFixed(6)))).toEqual([0.25, 0.75, 0]);
  });
  it("attends: pattern [H 1, T 2, T 2] on v [T 2, H 1, h 3]", () => {
    const pattern = Float32Array.of(1, 0, 0.25, 0.75);
    const v = Float32Array.of(4, 8, 12, 0, 4, 8);
    expect([...attend(pattern, v, 2, 1)]).toEqual([4, 8, 12, 1, 5, 9]);
  });
});
