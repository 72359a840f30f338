import { expect, it } from "vitest";
import { keyedRandom, normal } from "../../src/math/keyed-random.ts";
import { randomLargestCosine } from "../../src/math/random-cosine.ts";

it("in three dimensions a cosine is even on −1 … 1, so the median of the largest of n is 2^(−1/n)", () => {
  for (const n of [1, 2, 10]) expect(randomLargestCosine(n, 3)).toBeCloseTo(0.5 ** (1 / n), 9);
});
it("agrees with directions drawn at random", () => {
  const [count, D, draws] = [40, 20, 400];
  const random = keyedRandom(5);
  const largest = Array.from({ length: draws }, () => {
    let most = 0;
    for (let f = 0; f < count; f++) {
      const v = Float64Array.from({ length: D }, () => normal(random));
      most = Math.max(most, Math.abs(v[0]!) / Math.hypot(...v));
    }
    return most;
  }).sort((a, b) => a - b);
  const expected = randomLargestCosine(count, D);
  // The share of draws below a median is 1/2 ± 1/(2√400), here within three of those.
  const below = largest.filter((c) => c < expected).length / draws;
  expect(Math.abs(below - 0.5)).toBeLessThan(0.075);
});
it("falls with the dimension and grows with the number, at the sizes of real autoencoders", () => {
  const [gpt2, tiny] = [randomLargestCosine(24576, 768), randomLargestCosine(2048, 192)];
  expect(gpt2).toBeGreaterThan(0.14);
  expect(gpt2).toBeLessThan(0.16);
  expect(tiny).toBeGreaterThan(gpt2);
  expect(randomLargestCosine(4096, 192)).toBeGreaterThan(tiny);
  expect(() => randomLargestCosine(0, 9)).toThrow(/no such median/);
});
