import { describe, expect, it } from "vitest";
import { AttentionMean, TokenMean } from "../../src/math/reference-mean.ts";

describe("the mean over prompts of unequal length", () => {
  const mean = () => {
    const m = new TokenMean(2);
    m.add(Float32Array.of(1, 10, 3, 30, 5, 50)); // 3 tokens
    m.add(Float32Array.of(2, 20)); // 1
    m.add(Float32Array.of(6, 0, 7, -10)); // 2
    return m;
  };
  it("at each position, over those that have it", () => {
    expect([...mean().perPosition()]).toEqual([3, 10, 5, 10, 5, 50]);
    expect(mean().length).toBe(3);
  });
  it("over all positions but the first ones: every token counts the same", () => {
    expect([...mean().overAll(1)]).toEqual([5, Math.fround(70 / 3)]);
    expect([...mean().overAll(0)]).toEqual([4, Math.fround(100 / 6)]);
    expect([...mean().overAll(2)]).toEqual([5, 50]);
  });
  it("refuses what is not there, and half a token", () => {
    expect(() => mean().overAll(3)).toThrow(/no prompt has more than 3 tokens/);
    expect(() => new TokenMean(2).overAll(0)).toThrow(/nothing to take the mean of/);
    expect(() => mean().add(Float32Array.of(1, 2, 3))).toThrow(
      /expected values as \[T, 2\], got 3/,
    );
  });
});

describe("of attention", () => {
  it("at each query and the keys before it; −∞ beyond is no part of it", () => {
    const m = new AttentionMean(2);
    const no = -Infinity;
    m.add(Float32Array.of(1, no, 2, 3, /* head 1 */ 5, no, 6, 7));
    m.add(Float32Array.of(3, /* head 1 */ 9));
    expect([...m.perPosition()]).toEqual([2, 0, 2, 3, 7, 0, 6, 7]);
    expect(() => m.add(Float32Array.of(1, 2, 3))).toThrow(/expected values as \[2, T, T\], got 3/);
  });
});
