import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { softmax, topIndices } from "../../src/math/softmax.ts";

const logits = fc
  .array(fc.float({ min: -100, max: 100, noNaN: true }), { minLength: 1, maxLength: 40 })
  .map((values) => Float32Array.from(values));

describe("softmax", () => {
  it("has hand values", () => {
    const p = softmax(Float32Array.of(0, Math.log(3), -Infinity));
    expect(p[0]).toBeCloseTo(0.25, 7);
    expect(p[1]).toBeCloseTo(0.75, 7);
    expect(p[2]).toBe(0);
  });
  it("divides logits by the temperature", () => {
    const p = softmax(Float32Array.of(0, Math.log(9)), 2);
    expect(p[1]! / p[0]!).toBeCloseTo(3, 6);
  });
  it("sums to 1 and keeps the order, whatever is added to all", () => {
    fc.assert(
      fc.property(logits, fc.integer({ min: -50, max: 50 }), (z, shift) => {
        const p = softmax(z);
        expect(p.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
        const q = softmax(z.map((v) => v + shift));
        p.forEach((v, i) => expect(Math.abs(v - q[i]!)).toBeLessThan(1e-4));
      }),
    );
  });
  it("does not overflow", () => {
    expect([...softmax(Float32Array.of(3e38, 3e38))]).toEqual([0.5, 0.5]);
  });
  it.each([[[NaN, 1]], [[Infinity, 1]], [[-Infinity, -Infinity]], [[]]])(
    "cannot be said of %o",
    (values) => {
      expect(() => softmax(Float32Array.from(values))).toThrow(/no probabilities/);
    },
  );
});

describe("topIndices", () => {
  it("is the head of a stable sort", () => {
    const values = fc.array(fc.integer({ min: -3, max: 3 }), { maxLength: 30 });
    fc.assert(
      fc.property(values, fc.integer({ min: 0, max: 35 }), (list, k) => {
        const sorted = [...list.keys()].sort((a, b) => list[b]! - list[a]! || a - b).slice(0, k);
        expect(topIndices(Float32Array.from(list), k)).toEqual(sorted);
      }),
    );
  });
});
