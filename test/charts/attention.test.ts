import { describe, expect, it } from "vitest";
import {
  cellAt,
  cellWeight,
  headPattern,
  heatmapRgba,
  moveCell,
  patternDims,
  poolOf,
  squareScale,
  strongestKeys,
} from "../../src/charts/attention.ts";

const pattern_QK = Float32Array.of(1, 0, 0, 0.75, 0.25, 0, 0.5, 0.125, 0.375); // three tokens
const ramp = new Uint8ClampedArray(1024).map((_, i) => (i % 4 === 3 ? 255 : Math.floor(i / 4)));
const pixel = (bytes: Uint8ClampedArray, q: number, k: number) => [
  ...bytes.subarray((q * 3 + k) * 4, (q * 3 + k) * 4 + 4),
];

const WEIGHTS = { low: 0, high: 1 };
const ALL = { scale: WEIGHTS, skipFirst: false };

describe("a square of numbers as pixels", () => {
  it("gives a weight its colour and leaves masked cells out, unlike zeros", () => {
    const bytes = heatmapRgba(pattern_QK, 3, ramp, ALL);
    expect(bytes).toHaveLength(3 * 3 * 4);
    expect(pixel(bytes, 0, 0)).toEqual([255, 255, 255, 255]);
    expect(pixel(bytes, 1, 0)).toEqual([191, 191, 191, 255]);
    expect(pixel(bytes, 0, 1)).toEqual([0, 0, 0, 0]); // masked: transparent
    const zero = heatmapRgba(Float32Array.of(1, 0, 1, 0), 2, ramp, ALL);
    expect([...zero.subarray(12, 16)]).toEqual([0, 0, 0, 255]); // a weight of 0: the first colour
    const missing = heatmapRgba(Float32Array.of(1, 0, NaN, 1), 2, ramp, ALL);
    expect(missing[11]).toBe(0);
  });

  it("can set the first column aside and scale to the rest", () => {
    const rest = { skipFirst: true, signed: false };
    expect(squareScale(pattern_QK, 3, { ...rest, skipFirst: false })).toEqual(WEIGHTS);
    const scale = squareScale(pattern_QK, 3, rest);
    expect(scale).toEqual({ low: 0, high: 0.375 });
    const bytes = heatmapRgba(pattern_QK, 3, ramp, { scale, skipFirst: true });
    expect(pixel(bytes, 1, 0)[3]).toBe(0);
    expect(pixel(bytes, 2, 2)).toEqual([255, 255, 255, 255]);
    expect(pixel(bytes, 2, 1)).toEqual([85, 85, 85, 255]);
  });

  it("has a scale even when nothing is left, and one of either sign", () => {
    const rest = { skipFirst: true, signed: false };
    expect(squareScale(Float32Array.of(1), 1, rest)).toEqual(WEIGHTS);
    expect(squareScale(new Float32Array(4), 2, rest)).toEqual(WEIGHTS);
    const scores = Float32Array.of(2, -Infinity, -3, NaN);
    const signed = { skipFirst: false, signed: true };
    expect(squareScale(scores, 2, signed)).toEqual({ low: -3, high: 3 });
  });

  it("pools blocks by the number furthest from 0, so that a thin line stays", () => {
    // Five tokens, blocks of two: three pixels a side. One weight a row, on the token before.
    const n = 5;
    const line = Float32Array.from({ length: 25 }, (_, i) =>
      Number(Math.floor(i / n) - 1 === i % n),
    );
    const signed = line.map((x, i) => (i === 4 * n + 3 ? -1 : x));
    const bytes = heatmapRgba(signed, n, ramp, {
      ...{ scale: { low: -1, high: 1 }, skipFirst: false, pool: 2 },
    });
    expect(bytes).toHaveLength(3 * 3 * 4);
    expect(pixel(bytes, 0, 0)[0]).toBe(255); // holds 1 → 0
    expect(pixel(bytes, 1, 0)[0]).toBe(255); // holds 2 → 1
    expect(pixel(bytes, 2, 1)[0]).toBe(0); // holds 4 → 3, which is −1
    expect(pixel(bytes, 2, 0)[0]).toBe(128); // nothing but 0
    expect(pixel(bytes, 0, 1)[3]).toBe(0); // masked
    expect([poolOf(96), poolOf(97), poolOf(256)]).toEqual([1, 2, 3]);
  });
});

describe("heads", () => {
  const pattern = { data: Float32Array.from({ length: 24 }, (_, i) => i), dims: [2, 3, 2, 2] };

  it("are cut out by layer, then head, without copying", () => {
    expect(patternDims(pattern)).toEqual({ layers: 2, heads: 3, tokens: 2 });
    expect([...headPattern(pattern, 1, 2)]).toEqual([20, 21, 22, 23]);
    expect(headPattern(pattern, 1, 2).buffer).toBe(pattern.data.buffer);
  });
});

describe("cells", () => {
  it("are found under the pointer, and not outside", () => {
    expect(cellAt(0, 299, 300, 3)).toEqual({ q: 2, k: 0 });
    expect(cellAt(150, 10, 300, 3)).toEqual({ q: 0, k: 1 });
    expect(cellAt(300, 10, 300, 3)).toBeNull();
    expect(cellAt(-1, 10, 300, 3)).toBeNull();
    expect(cellAt(0, 0, 300, 0)).toBeNull();
  });

  it("move with the keys and stay inside", () => {
    const from = { q: 1, k: 1 };
    expect(moveCell(from, "ArrowUp", 3)).toEqual({ q: 0, k: 1 });
    expect(moveCell(from, "ArrowRight", 3)).toEqual({ q: 1, k: 2 });
    expect(moveCell({ q: 2, k: 0 }, "ArrowDown", 3)).toEqual({ q: 2, k: 0 });
    expect(moveCell({ q: 2, k: 0 }, "End", 3)).toEqual({ q: 2, k: 2 });
    expect(moveCell(from, "x", 3)).toBeNull();
  });

  it("have a weight, or none where they are masked", () => {
    expect(cellWeight(pattern_QK, 3, { q: 2, k: 1 })).toBe(0.125);
    expect(cellWeight(pattern_QK, 3, { q: 1, k: 2 })).toBeNull();
  });

  it("are ranked by weight, equal ones in text order, future ones not at all", () => {
    expect(strongestKeys(pattern_QK, 3, 2, 2)).toEqual([
      { k: 0, weight: 0.5 },
      { k: 2, weight: 0.375 },
    ]);
    expect(strongestKeys(pattern_QK, 3, 0, 5)).toEqual([{ k: 0, weight: 1 }]);
    const even = Float32Array.of(1, 0, 0.5, 0.5);
    expect(strongestKeys(even, 2, 1, 2).map(({ k }) => k)).toEqual([0, 1]);
  });
});
