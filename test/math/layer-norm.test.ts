import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { affineRows, divideByScale, normScale } from "../../src/math/layer-norm.ts";
import { centred, plusRow, vectorTimes } from "../../src/math/rows.ts";

describe("rows", () => {
  it("are centred each by itself", () => {
    expect([...centred(Float32Array.of(1, 2, 6, -1, -1, -1), 3)]).toEqual([-2, -1, 3, 0, 0, 0]);
  });
  it("get a vector each", () => {
    expect([...plusRow(Float32Array.of(1, 2, 3, 4), Float32Array.of(10, 20), -0.5)]).toEqual([
      -4, -8, -2, -6,
    ]);
  });
  it("times a matrix", () => {
    // [2, 3] · [[1, 0, 4], [5, −1, 0]]
    expect([...vectorTimes(Float32Array.of(2, 3), Float32Array.of(1, 0, 4, 5, -1, 0))]).toEqual([
      17, -3, 8,
    ]);
  });
  it("refuse what is no matrix of theirs", () => {
    expect(() => centred(new Float32Array(7), 3)).toThrow(/\[R, 3\], got 7/);
    expect(() => plusRow(new Float32Array(5), new Float32Array(2))).toThrow(/\[R, 2\]/);
    expect(() => vectorTimes(new Float32Array(2), new Float32Array(5))).toThrow(/a matrix/);
  });
});

describe("LayerNorm", () => {
  it("has hand values", () => {
    // mean 2, squares of what is left 4 + 0 + 4 over 3, and ε = 1/3: √3
    expect(normScale(Float32Array.of(0, 2, 4, 5, 5, 5), 3, 1 / 3)[0]).toBeCloseTo(Math.sqrt(3), 6);
    expect(normScale(Float32Array.of(0, 2, 4, 5, 5, 5), 3, 1 / 3)[1]).toBeCloseTo(
      Math.sqrt(1 / 3),
      6,
    );
    // two components of one row with scale 2
    expect([...divideByScale(Float32Array.of(1, 3, 10, 2), Float32Array.of(2), 2)]).toEqual([
      -0.5, 0.5, 2, -2,
    ]);
    // one component of two rows with scales 1 and 4
    expect([...divideByScale(Float32Array.of(1, 3, 10, 2), Float32Array.of(1, 4), 2)]).toEqual([
      -1, 1, 1, -1,
    ]);
    expect([
      ...affineRows(Float32Array.of(1, 2, 3, 4), Float32Array.of(2, 10), Float32Array.of(0, 1)),
    ]).toEqual([2, 21, 6, 41]);
  });
  it("is linear at a fixed scale: parts that sum to x sum to its normalised value", () => {
    const number = fc.float({ min: -8, max: 8, noNaN: true });
    fc.assert(
      fc.property(fc.array(number, { minLength: 15, maxLength: 15 }), (list) => {
        const parts = Float32Array.from(list); // 3 components of 1 row of 5
        const sum = Float32Array.from(
          { length: 5 },
          (_, d) => list[d]! + list[5 + d]! + list[10 + d]!,
        );
        const scale = normScale(sum, 5, 1e-5);
        const whole = divideByScale(sum, scale, 5);
        const each = divideByScale(parts, scale, 5);
        const error = 1e-5 * (24 / scale[0]!);
        whole.forEach((v, d) => {
          expect(Math.abs(each[d]! + each[5 + d]! + each[10 + d]! - v)).toBeLessThanOrEqual(error);
        });
      }),
    );
  });
  it("refuses scales that do not fit", () => {
    expect(() => divideByScale(new Float32Array(6), Float32Array.of(1, 2), 2)).toThrow(
      /\[C, 2, 2\] beside 2 scales/,
    );
  });
});
