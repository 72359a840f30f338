import { describe, expect, it } from "vitest";
import {
  isDark,
  jointScale,
  matrixCellAt,
  matrixRgba,
  moveMatrixCell,
  rampStep,
  sequentialScale,
  signedScale,
} from "../../src/charts/matrix-cells.ts";

/** Colour i is (i, 255 − i, 7, 255). */
const ramp = new Uint8ClampedArray(256 * 4).map((_, i) =>
  i % 4 === 0 ? i / 4 : i % 4 === 1 ? 255 - Math.floor(i / 4) : i % 4 === 2 ? 7 : 255,
);

describe("a matrix's colours", () => {
  it("take what is not there out of every scale", () => {
    expect(sequentialScale(Float32Array.of(1, NaN, 4))).toEqual({ low: 0, high: 4 });
    expect(signedScale(Float32Array.of(1, NaN, -4))).toEqual({ low: -4, high: 4 });
    expect(sequentialScale(Float32Array.of(0, 0))).toEqual({ low: 0, high: 1 });
    expect(signedScale(new Float32Array(0))).toEqual({ low: -1, high: 1 });
    expect(jointScale([signedScale(Float32Array.of(2)), signedScale(Float32Array.of(-5))])).toEqual(
      {
        low: -5,
        high: 5,
      },
    );
  });

  it("run from the first to the last, and stop there", () => {
    const scale = { low: -2, high: 2 };
    expect([-9, -2, 0, 1, 2, 9].map((v) => rampStep(v, scale))).toEqual([0, 0, 128, 191, 255, 255]);
  });

  it("leave a cell without a number transparent", () => {
    const bytes = matrixRgba(Float32Array.of(0, NaN, 1), ramp, { low: 0, high: 1 });
    expect([...bytes]).toEqual([0, 255, 7, 255, 0, 0, 0, 0, 255, 0, 7, 255]);
  });

  it("say where text must be light", () => {
    const black = new Uint8ClampedArray(256 * 4);
    expect(isDark(black, 3)).toBe(true);
    expect(isDark(black.fill(255), 3)).toBe(false);
  });
});

describe("a matrix's cursor", () => {
  it("moves by keys and stays inside, with more columns than rows", () => {
    const from = { row: 1, column: 2 };
    const to = (key: string) => moveMatrixCell(from, key, 2, 5);
    expect(to("ArrowUp")).toEqual({ row: 0, column: 2 });
    expect(to("ArrowDown")).toEqual({ row: 1, column: 2 });
    expect(to("End")).toEqual({ row: 1, column: 4 });
    expect(to("Home")).toEqual({ row: 1, column: 0 });
    expect(to("x")).toBeNull();
  });

  it("is the cell under the pointer, cells wider than high", () => {
    const cell = { width: 20, height: 10 };
    expect(matrixCellAt(59, 11, cell, 2, 3)).toEqual({ row: 1, column: 2 });
    expect(matrixCellAt(60, 11, cell, 2, 3)).toBeNull();
    expect(matrixCellAt(0, 20, cell, 2, 3)).toBeNull();
    expect(matrixCellAt(-1, 0, cell, 2, 3)).toBeNull();
  });
});
