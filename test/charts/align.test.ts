import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { alignedDifference, alignedSquareDifference, alignTokens } from "../../src/charts/align.ts";

const write = (a: number[], b: number[]) =>
  alignTokens(a, b)
    .map((pair) => `${pair.a ?? "-"}${pair.b ?? "-"}`)
    .join(" ");

describe("aligned tokens", () => {
  it("pairs one word in another's place", () => {
    expect(write([9, 1, 2, 3], [9, 1, 7, 3])).toBe("00 11 22 33");
  });
  it("leaves a word that only one has alone", () => {
    expect(write([9, 1, 2, 3], [9, 2, 3])).toBe("00 1- 21 32");
    expect(write([9, 2, 3], [9, 2, 5, 3])).toBe("00 11 -2 23");
    expect(write([], [4])).toBe("-0");
  });
  it("has every position of both once and in order, and as many equal pairs as the longest common subsequence", () => {
    const ids = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 7 });
    fc.assert(
      fc.property(ids, ids, (a, b) => {
        const pairs = alignTokens(a, b);
        expect(pairs.flatMap((p) => p.a ?? [])).toEqual(a.map((_, i) => i));
        expect(pairs.flatMap((p) => p.b ?? [])).toEqual(b.map((_, i) => i));
        const equal = pairs.filter((p) => p.a !== null && p.b !== null && a[p.a] === b[p.b]);
        expect(equal.length).toBeGreaterThanOrEqual(slowLcs(a, b));
      }),
    );
  });
  it("takes the difference where both have a value", () => {
    const pairs = alignTokens([9, 1, 2], [9, 2]);
    const difference = alignedDifference(
      Float32Array.of(1, 2, 3, 10, 20, 30),
      Float32Array.of(5, 6, 70, 80),
      pairs,
      2,
    );
    expect([...difference]).toEqual([4, NaN, 3, 60, NaN, 50]);
  });
  it("takes the difference by query and key", () => {
    const pairs = alignTokens([9, 1, 2], [9, 2]);
    const a = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9);
    const difference = alignedSquareDifference(a, Float32Array.of(10, 20, 30, 40), pairs);
    expect([...difference]).toEqual([9, NaN, 17, NaN, NaN, NaN, 23, NaN, 31]);
  });
});

function slowLcs(a: readonly number[], b: readonly number[]): number {
  if (a.length === 0 || b.length === 0) return 0;
  if (a[0] === b[0]) return 1 + slowLcs(a.slice(1), b.slice(1));
  return Math.max(slowLcs(a.slice(1), b), slowLcs(a, b.slice(1)));
}
