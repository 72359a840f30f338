/** Square autoencoders that were saved the wrong way round. */
import { expect, it } from "vitest";
import { keyedRandom, normal } from "../../src/math/keyed-random.ts";
import { transposedLook } from "../../src/math/transposed.ts";

const N = 40;
const random = keyedRandom(3, 1);
const matrix = () => Float32Array.from({ length: N * N }, () => normal(random));
const turned = (x: Float32Array) => x.map((_, i) => x[(i % N) * N + Math.floor(i / N)]!);
const unitRows = (x: Float32Array) =>
  x.map((v, i) => {
    const row = Math.floor(i / N);
    return v / Math.hypot(...x.subarray(row * N, (row + 1) * N));
  });

/** Features of length 1; each encoder looks along its feature, more or less, with a gain of its own. */
const W_dec = unitRows(matrix());
const noise = matrix();
const W_enc = turned(W_dec.map((v, i) => (1 + (Math.floor(i / N) % 3)) * (v + 0.1 * noise[i]!)));

it("says nothing of one that is in order, nor of what tells nothing", () => {
  expect(transposedLook(W_enc, W_dec, N)).toBeNull();
  expect(transposedLook(matrix(), matrix(), N)).toBeNull();
  expect(transposedLook(matrix(), W_dec, N)).toBeNull();
  const one = Float32Array.from({ length: N * N }, (_, i) => Number(i % (N + 1) === 0));
  expect(transposedLook(one, one, N)).toBeNull(); // its own transpose
  const zero = new Float32Array(N * N);
  expect(transposedLook(zero, zero, N)).toBeNull();
});
it("knows both by the lengths of the decoder's columns, in float16 too", () => {
  expect(transposedLook(turned(W_enc), turned(W_dec), N)).toEqual({ which: "both" });
  const rounded = turned(W_dec).map((v) => Math.round(v * 2048) / 2048);
  expect(transposedLook(turned(W_enc), rounded, N)).toEqual({ which: "both" });
});
it("knows one of them by the encoder, which looks elsewhere than its feature writes", () => {
  const look = transposedLook(turned(W_enc), W_dec, N);
  expect(look).toMatchObject({ which: "one" });
  const { asTheyAre, turned: other } = look as { asTheyAre: number; turned: number };
  // By hand, in the order that was meant: cos of each column of W_enc with its feature.
  const cosines = Array.from({ length: N }, (_, f) => {
    const e = Array.from({ length: N }, (_, i) => W_enc[i * N + f]!);
    const d = [...W_dec.subarray(f * N, (f + 1) * N)];
    return e.reduce((sum, v, i) => sum + v * d[i]!, 0) / (Math.hypot(...e) * Math.hypot(...d));
  });
  expect(other).toBeCloseTo(cosines.reduce((a, b) => a + b) / N, 10);
  expect(Math.abs(asTheyAre)).toBeLessThan(0.1);
  // Of a decoder whose lengths are all its own, too.
  const long = W_dec.map((v, i) => v * (1 + (Math.floor(i / N) % 5)));
  expect(transposedLook(W_enc, turned(long), N)).toMatchObject({ which: "one" });
});
