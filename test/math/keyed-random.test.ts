import { describe, expect, it } from "vitest";
import { keyedRandom, normal, permutation } from "../../src/math/keyed-random.ts";

const draw = (n: number, next: () => number) => Array.from({ length: n }, next);

describe("random numbers by key", () => {
  it("are the same for the same key, and others for any other", () => {
    expect(draw(5, keyedRandom(7, 1))).toEqual(draw(5, keyedRandom(7, 1)));
    const keys = [[7, 1], [1, 7], [7], [7, 1, 0], [8, 1], [7 + 2 ** 32, 1], [0], [0, 0]];
    expect(new Set(keys.map((key) => keyedRandom(...key)())).size).toBe(keys.length);
  });
  it("fill [0, 1) evenly, also over neighbouring seeds", () => {
    const n = 20_000;
    for (const values of [
      draw(n, keyedRandom(3)),
      Array.from({ length: n }, (_, seed) => keyedRandom(seed)()),
    ]) {
      expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...values)).toBeLessThan(1);
      const tenths = new Array<number>(10).fill(0);
      values.forEach((v) => tenths[Math.floor(v * 10)]!++);
      for (const count of tenths)
        expect(Math.abs(count - n / 10)).toBeLessThan(5 * Math.sqrt(n / 10));
    }
  });
  it("normal: mean 0, variance 1, fourth moment 3", () => {
    const next = keyedRandom(11);
    const values = draw(50_000, () => normal(next));
    const moment = (p: number) => values.reduce((sum, v) => sum + v ** p, 0) / values.length;
    expect(moment(1)).toBeCloseTo(0, 1);
    expect(moment(2)).toBeCloseTo(1, 1);
    expect(Math.abs(moment(4) - 3)).toBeLessThan(0.2);
  });
  it("permutation: every number once, every order about as often", () => {
    const next = keyedRandom(5);
    expect(permutation(100, next).toSorted()).toEqual(
      Int32Array.from({ length: 100 }, (_, i) => i),
    );
    const seen = new Map<string, number>();
    for (let i = 0; i < 6000; i++) {
      const order = permutation(3, next).join();
      seen.set(order, (seen.get(order) ?? 0) + 1);
    }
    expect(seen.size).toBe(6);
    for (const count of seen.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });
});
