import { describe, expect, it } from "vitest";
import { orthonormalBasis, projectionDelta } from "../../src/math/subspace.ts";
import { keyedRandom, normal } from "../../src/math/keyed-random.ts";
import { largestDifference } from "../model/node-engine.ts";

const f32 = (...values: number[]) => Float32Array.from(values);
/** x without the subspace. */
const out = (x: Float32Array, directions: Float32Array[]) => {
  const delta = projectionDelta(x, orthonormalBasis(directions));
  return x.map((v, i) => v + delta[i]!);
};

describe("projecting out", () => {
  it("one direction, whatever its length, of each row: x − (x·û) û", () => {
    // û = (3, 4, 0)/5: (10, 5, 2)·û = 10 → minus (6, 8, 0); (−4, 3, 1)·û = 0.
    const x = f32(10, 5, 2, -4, 3, 1);
    expect(largestDifference(out(x, [f32(6, 8, 0)]), f32(4, -3, 2, -4, 3, 1))).toBeLessThan(1e-6);
  });

  it("a plane, whose directions need not be at right angles; one more in it changes nothing", () => {
    const plane = [f32(1, 1, 0), f32(1, -3, 0)];
    expect(largestDifference(out(f32(5, 7, 9), plane), f32(0, 0, 9))).toBeLessThan(1e-6);
    expect(orthonormalBasis([...plane, f32(4, 4, 0), f32(0, 1, 0)])).toHaveLength(2);
  });

  it("twice is as good as once, and nothing is left along the directions, also when they nearly agree", () => {
    const random = keyedRandom(5);
    const base = Float32Array.from({ length: 37 }, () => normal(random));
    const near = base.map((v, i) => v + (i === 3 ? 1e-4 : 0));
    const x = Float32Array.from({ length: 4 * 37 }, () => 10 * normal(random));
    const once = out(x, [base, near]);
    expect(largestDifference(out(once, [base, near]), once)).toBeLessThan(1e-5);
    for (let r = 0; r < 4; r++) {
      const row = once.subarray(r * 37, (r + 1) * 37);
      expect(Math.abs(row.reduce((sum, v, i) => sum + v * base[i]!, 0))).toBeLessThan(1e-4);
      expect(row[3]).toBeCloseTo(0, 3); // what tells the two apart is coordinate 3
    }
  });

  it("refuses a direction without length, without numbers, and none at all", () => {
    expect(() => orthonormalBasis([f32(1, 2), f32(0, 0)])).toThrow(/direction 1 is 0 everywhere/);
    expect(() => orthonormalBasis([f32(1, NaN)])).toThrow(/direction 0 has values that are no/);
    expect(() => orthonormalBasis([])).toThrow(/no direction/);
  });
});
