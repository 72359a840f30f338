import { describe, expect, it } from "vitest";
import {
  meanPattern,
  outputGrams,
  outputNorms,
  valueNorms,
  weightedByKey,
} from "../../src/math/attention-norms.ts";
import { randomValues } from "../reference/models.ts";

// T 3, H 2, h 2, D 3. Values of the first position: (3, 4) and (0, 2); of the others (1, 0), (0, 0), (−1, 1), (5, −12).
const v_THh = Float32Array.of(3, 4, 0, 2, /**/ 1, 0, 0, 0, /**/ -1, 1, 5, -12);
// The first head writes (a, b) as (a, b, 2b), the second as (a + b, 0, 0).
const W_O_HhD = Float32Array.of(1, 0, 0, /**/ 0, 1, 2, /**/ 1, 0, 0, /**/ 1, 0, 0);

describe("lengths of what attention moves", () => {
  it("are those of the vectors written out", () => {
    expect([...valueNorms(v_THh, 2, 2)]).toEqual([5, 1, Math.SQRT2, 2, 0, 13].map(Math.fround));
    const gram = outputGrams(W_O_HhD, 2, 2);
    expect([...gram]).toEqual([1, 0, 0, 5, 1, 1, 1, 1]);
    const written = [Math.hypot(3, 4, 8), 1, Math.hypot(1, 1, 2), 2, 0, 7];
    expect([...outputNorms(v_THh, gram, 2, 2)]).toEqual(written.map(Math.fround));
  });

  it("agree with the written vectors in float64, at unequal sizes", () => {
    const [T, H, h, D] = [7, 3, 5, 15];
    const v = Float32Array.from(randomValues(T * H * h, 1));
    const W = Float32Array.from(randomValues(H * h * D, 2));
    const found = outputNorms(v, outputGrams(W, H, h), H, h);
    for (let head = 0; head < H; head++) {
      for (let t = 0; t < T; t++) {
        let square = 0;
        for (let d = 0; d < D; d++) {
          let y = 0;
          for (let i = 0; i < h; i++) y += v[(t * H + head) * h + i]! * W[(head * h + i) * D + d]!;
          square += y ** 2;
        }
        expect(found[head * T + t]).toBeCloseTo(Math.sqrt(square), 5);
      }
    }
  });

  it("weigh the columns of a pattern", () => {
    const A_QK = Float32Array.of(1, 0, 0.25, 0.75);
    expect([...weightedByKey(A_QK, Float32Array.of(2, 8))]).toEqual([2, 0, 0.5, 6]);
    expect(() => weightedByKey(A_QK, Float32Array.of(1))).toThrow(/\[1, 1\] weights, got 4/);
    expect(() => outputNorms(v_THh, new Float64Array(7), 2, 2)).toThrow(/\[2, 2, 2\], got 7/);
  });
});

it("a mean pattern is the mean of each cell", () => {
  const mean = meanPattern([Float32Array.of(1, 0, 0.5, 0.5), Float32Array.of(1, 0, 0.25, 0.75)]);
  expect([...mean]).toEqual([1, 0, 0.375, 0.625]);
  expect(() => meanPattern([])).toThrow(/no mean of no/);
  expect(() => meanPattern([mean, new Float32Array(9)])).toThrow(/expected 4 weights, got 9/);
});
