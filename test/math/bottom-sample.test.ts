import { describe, expect, it } from "vitest";
import { BottomSamples, mix } from "../../src/math/bottom-sample.ts";
import { keyedRandom } from "../../src/math/keyed-random.ts";

describe("samples of the smallest keys", () => {
  it("are those of sorting all of them, however bins merged meanwhile", () => {
    const [bins, k, rows] = [6, 3, 2];
    const random = keyedRandom(5);
    const samples = new BottomSamples(rows, bins, k);
    // Row 1's values double their range twice on the way; row 0 is left alone.
    let width = 1;
    const given: { value: number; key: number; ref: number }[] = [];
    for (let ref = 0; ref < 200; ref++) {
      const value = random() * (ref < 60 ? 6 : ref < 130 ? 12 : 24);
      while (value >= width * bins) {
        samples.double(1);
        width *= 2;
      }
      const key = mix(ref, 77);
      given.push({ value, key, ref });
      samples.add(1, Math.floor(value / width), key, ref);
    }
    expect(width).toBe(4);
    for (let bin = 0; bin < bins; bin++) {
      const expected = given
        .filter(({ value }) => Math.floor(value / width) === bin)
        .sort((a, b) => a.key - b.key)
        .slice(0, k)
        .map(({ ref }) => ref);
      expect(samples.read(1, bin)).toEqual(expected);
      expect(samples.read(0, bin)).toEqual([]);
    }
  });
  it("hold what comes twice under one key once", () => {
    const samples = new BottomSamples(1, 2, 4);
    [9, 4, 9, 4, 7].forEach((key, ref) => samples.add(0, 0, key, ref));
    expect(samples.read(0, 0)).toEqual([1, 4, 0]);
  });
  it("draw each of a stream with the same chance", () => {
    const [n, k, draws] = [40, 4, 3000];
    const drawn = new Uint32Array(n);
    for (let d = 0; d < draws; d++) {
      const samples = new BottomSamples(1, 2, k);
      for (let i = 0; i < n; i++) samples.add(0, 0, mix(mix(17, i), d), i);
      for (const i of samples.read(0, 0)) drawn[i]! += 1;
    }
    // Binomial, mean 300, standard deviation 16.4.
    const chi = drawn.reduce((sum, c) => sum + (c - 300) ** 2 / (300 * (1 - k / n)), 0);
    expect(chi).toBeLessThan(75); // 39 degrees of freedom: the 99.96th percentile
    expect(chi).toBeGreaterThan(14);
  });
});
