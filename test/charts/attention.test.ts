import { describe, expect, it } from "vitest";
import {
  cellAt,
  cellWeight,
  headName,
  headPattern,
  heatmapRgba,
  moveCell,
  neighbourHead,
  patternDims,
  scaleTop,
  strongestKeys,
} from "../../src/charts/attention.ts";

const pattern_QK = Float32Array.of(1, 0, 0, 0.75, 0.25, 0, 0.5, 0.125, 0.375); // three tokens
const ramp = new Uint8ClampedArray(1024).map((_, i) => (i % 4 === 3 ? 255 : Math.floor(i / 4)));
const pixel = (bytes: Uint8ClampedArray, q: number, k: number) => [
  ...bytes.subarray((q * 3 + k) * 4, (q * 3 + k) * 4 + 4),
];

describe("an attention pattern as pixels", () => {
  it("gives a weight its colour and leaves masked cells out, unlike zeros", () => {
    const bytes = heatmapRgba(pattern_QK, 3, ramp);
    expect(bytes).toHaveLength(3 * 3 * 4);
    expect(pixel(bytes, 0, 0)).toEqual([255, 255, 255, 255]);
    expect(pixel(bytes, 1, 0)).toEqual([191, 191, 191, 255]);
    expect(pixel(bytes, 0, 1)).toEqual([0, 0, 0, 0]); // masked: transparent
    const zero = heatmapRgba(Float32Array.of(1, 0, 1, 0), 2, ramp);
    expect([...zero.subarray(12, 16)]).toEqual([0, 0, 0, 255]); // a weight of 0: the first colour
  });

  it("can set the first column aside and scale to the rest", () => {
    expect(scaleTop(pattern_QK, 3, false)).toBe(1);
    expect(scaleTop(pattern_QK, 3, true)).toBe(0.375);
    const bytes = heatmapRgba(pattern_QK, 3, ramp, { top: 0.375, skipFirst: true });
    expect(pixel(bytes, 1, 0)[3]).toBe(0);
    expect(pixel(bytes, 2, 2)).toEqual([255, 255, 255, 255]);
    expect(pixel(bytes, 2, 1)).toEqual([85, 85, 85, 255]);
  });

  it("has a scale even when nothing is left", () => {
    expect(scaleTop(Float32Array.of(1), 1, true)).toBe(1);
    expect(scaleTop(new Float32Array(4), 2, true)).toBe(1);
  });
});

describe("heads", () => {
  const pattern = { data: Float32Array.from({ length: 24 }, (_, i) => i), dims: [2, 3, 2, 2] };

  it("are cut out by layer, then head, without copying", () => {
    expect(patternDims(pattern)).toEqual({ layers: 2, heads: 3, tokens: 2 });
    expect([...headPattern(pattern, 1, 2)]).toEqual([20, 21, 22, 23]);
    expect(headPattern(pattern, 1, 2).buffer).toBe(pattern.data.buffer);
  });

  it("are walked through across layers, and no further", () => {
    const dims = patternDims(pattern);
    expect(neighbourHead({ layer: 0, head: 2 }, 1, dims)).toEqual({ layer: 1, head: 0 });
    expect(neighbourHead({ layer: 1, head: 0 }, -1, dims)).toEqual({ layer: 0, head: 2 });
    expect(neighbourHead({ layer: 1, head: 2 }, 1, dims)).toBeNull();
    expect(neighbourHead({ layer: 0, head: 0 }, -1, dims)).toBeNull();
    expect(headName({ layer: 10, head: 7 })).toBe("L10H7");
  });

  it("refuse a tensor that is no set of patterns", () => {
    expect(() => patternDims({ data: new Float32Array(6), dims: [1, 1, 2, 3] })).toThrow(/2, 3/);
    expect(() => patternDims({ data: new Float32Array(4), dims: [2, 2] })).toThrow(/\[2, 2\]/);
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
