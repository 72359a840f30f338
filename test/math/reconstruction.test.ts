import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ExplainedVariance, explainedVariance } from "../../src/math/reconstruction.ts";

const f32 = (...values: number[]) => Float32Array.from(values);
const x_BD = f32(0, 0, 0, 2, 4, 6); // B 2, D 3: means 1 2 3, total 28

describe("explained variance", () => {
  it.each([
    ["a perfect copy", [0, 0, 0, 2, 4, 6], 1],
    ["the mean", [1, 2, 3, 1, 2, 3], 0],
    ["a constant offset", [1, 1, 1, 3, 5, 7], 1 - 6 / 28],
    ["zeros", [0, 0, 0, 0, 0, 0], 1 - 56 / 28],
  ])("of %s", (_, xHat, wanted) => {
    expect(explainedVariance(x_BD, Float32Array.from(xHat), 3)).toBeCloseTo(wanted, 12);
  });
  it("pools batches: pieces of unequal length give the whole", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: -50, max: 50 }), fc.integer({ min: -50, max: 50 })), {
          minLength: 6,
          maxLength: 40,
        }),
        fc.integer({ min: 1, max: 5 }),
        (pairs, cut) => {
          const D = 2;
          const rows = Math.floor(pairs.length / D);
          const x = Float32Array.from(pairs.slice(0, rows * D), ([a]) => a + 1000);
          const xHat = Float32Array.from(pairs.slice(0, rows * D), ([, b]) => b + 1000);
          fc.pre(x.some((v, i) => v !== x[i % D]));
          const sums = new ExplainedVariance(D);
          for (let from = 0; from < rows; from += cut) {
            sums.add(x.slice(from * D, (from + cut) * D), xHat.slice(from * D, (from + cut) * D));
          }
          const whole = explainedVariance(x, xHat, D);
          expect(sums.value()).toBeCloseTo(whole, 8 - Math.ceil(Math.log10(2 + Math.abs(whole))));
          expect(sums.tokens).toBe(rows);
        },
      ),
    );
  });
  it("keeps its digits under a large common offset", () => {
    const far = x_BD.map((v) => v + 65536);
    expect(
      explainedVariance(
        far,
        far.map((v) => v + 1),
        3,
      ),
    ).toBeCloseTo(1 - 6 / 28, 10);
  });
  it("cannot be said of equal rows, of nothing, or of NaN", () => {
    const degenerate = expect.objectContaining({ code: "degenerate" });
    expect(() => explainedVariance(f32(1, 2, 1, 2), f32(1, 2, 1, 2), 2)).toThrow(degenerate);
    expect(() => new ExplainedVariance(2).value()).toThrow(degenerate);
    expect(() =>
      explainedVariance(
        x_BD,
        x_BD.map(() => Number.NaN),
        3,
      ),
    ).toThrow(degenerate);
  });
  it("refuses lengths that do not fit", () => {
    expect(() => explainedVariance(x_BD, f32(1), 3)).toThrow(/two \[B, 3\], got 6 and 1/);
  });
});
