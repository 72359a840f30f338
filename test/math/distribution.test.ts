import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  distributionOf,
  divergence,
  ranksOf,
  type Reference,
  referenceInto,
} from "../../src/math/distribution.ts";
import { logSoftmax } from "../../src/math/logit-metric.ts";

/** Logits of the probabilities 1/2, 1/4, 1/8, 1/8, all moved by 3: H = 1.75 bits. */
const QUARTERS = Float32Array.of(2, 1, 0, 0).map((n) => n * Math.LN2 + 3);
const reference = (z: Float32Array): Reference => referenceInto(z, new Float32Array(z.length));

describe("distributionOf", () => {
  it("has hand values of entropy and of the sum", () => {
    const { logSum, entropy } = distributionOf(QUARTERS);
    expect(entropy / Math.LN2).toBeCloseTo(1.75, 6);
    expect(logSum).toBeCloseTo(3 + Math.log(8), 6); // 4 + 2 + 1 + 1
    expect(Math.exp(QUARTERS[1]! - logSum)).toBeCloseTo(1 / 4, 6);
  });
  it("is 0 bits for a certainty and log₂ V where all are alike", () => {
    expect(distributionOf(Float32Array.of(5, -Infinity, -Infinity)).entropy).toBe(0);
    expect(distributionOf(new Float32Array(37).fill(-80)).entropy).toBeCloseTo(Math.log(37), 12);
  });
  it("divides logits by the temperature", () => {
    const { logSum } = distributionOf(Float32Array.of(0, Math.log(9)), 2);
    expect(logSum).toBeCloseTo(Math.log(1 + 3), 6);
  });
  it("loses nothing far from 0, or with a far-off last", () => {
    const far = Float32Array.of(1000, 1000 - Math.log(3), -3e38);
    expect(distributionOf(far).entropy).toBeCloseTo(
      -(0.75 * Math.log(0.75) + 0.25 * Math.log(0.25)),
      4,
    );
  });
  it.each([[[NaN, 1]], [[Infinity, 1]], [[-Infinity, -Infinity]], [[]]])(
    "cannot be said of %o",
    (values) => {
      expect(() => distributionOf(Float32Array.from(values))).toThrow(/no probabilities/);
    },
  );
  it("is what log-softmax in float64 says, and no constant changes it", () => {
    const rows = fc.array(fc.float({ min: -60, max: 60, noNaN: true }), {
      minLength: 1,
      maxLength: 50,
    });
    fc.assert(
      fc.property(rows, (values) => {
        const z = Float32Array.from(values);
        const { logSum, entropy } = distributionOf(z);
        const log = logSoftmax(z);
        log.forEach((l, i) => expect(z[i]! - logSum).toBeCloseTo(l, 9));
        expect(entropy).toBeCloseTo(
          log.reduce((sum, l) => sum - Math.exp(l) * l, 0),
          9,
        );
        expect(distributionOf(z.map((v) => v + 4)).entropy).toBeCloseTo(entropy, 4);
      }),
    );
  });
});

describe("ranksOf", () => {
  it("counts from 1, equal logits share the better rank, ids in any order and more than once", () => {
    const z = Float32Array.of(1, 7, 3, 7, 3, -2, -Infinity);
    expect(ranksOf(z, [...z.keys()])).toEqual([5, 1, 3, 1, 3, 6, 7]);
    expect(ranksOf(z, [4, 0, 4])).toEqual([3, 5, 3]);
    expect(ranksOf(z, [])).toEqual([]);
  });
  it("is one more than the number of larger logits", () => {
    const rows = fc.array(fc.integer({ min: -4, max: 4 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(rows, (values) => {
        const z = Float32Array.from(values);
        const counted = [...z].map((own) => 1 + z.filter((v) => v > own).length);
        expect(ranksOf(z, [...z.keys()])).toEqual(counted);
      }),
    );
  });
});

describe("divergence", () => {
  const of = (q: Float32Array, z: Float32Array) =>
    divergence(reference(q), z, distributionOf(z).logSum) / Math.LN2;
  it("has hand values, and a direction", () => {
    const even = new Float32Array(4);
    // Σ q log₂(q·4) = 2 − H(q); the other way −Σ ¼ log₂(4·q) = (1 + 2 + 3 + 3)/4 − 2
    expect(of(QUARTERS, even)).toBeCloseTo(0.25, 6);
    expect(of(even, QUARTERS)).toBeCloseTo(0.25, 6);
    const uneven = Float32Array.of(Math.log(0.9), Math.log(0.1));
    expect(of(uneven, Float32Array.of(0, 0))).toBeCloseTo(
      1 + 0.9 * Math.log2(0.9) + 0.1 * Math.log2(0.1),
      6,
    );
    expect(of(Float32Array.of(0, 0), uneven)).toBeCloseTo(-1 - 0.5 * Math.log2(0.09), 6);
  });
  it("is 0 from itself and never below", () => {
    const rows = fc.array(fc.float({ min: -20, max: 20, noNaN: true }), {
      minLength: 2,
      maxLength: 60,
    });
    fc.assert(
      fc.property(rows, (values) => {
        const z = Float32Array.from(values);
        expect(of(z, z)).toBeLessThan(1e-5);
        expect(of(z, z.toReversed())).toBeGreaterThanOrEqual(0);
      }),
    );
  });
  it("is infinite where something that happens was held impossible", () => {
    expect(of(Float32Array.of(0, 0), Float32Array.of(0, -Infinity))).toBe(Infinity);
    expect(of(Float32Array.of(0, -Infinity), Float32Array.of(0, 0))).toBeCloseTo(1, 6);
  });
});
