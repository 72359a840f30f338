import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { attentionShares } from "../../src/math/attention-shares.ts";

// ids 7 5 7 5: positions 2 and 3 repeat; after the earlier 7 comes position 1, after the earlier 5 position 2.
const ids = [7, 5, 7, 5];
const A_QK = Float32Array.of(
  ...[1, 0, 0, 0], //
  ...[0.25, 0.75, 0, 0],
  ...[0.5, 0.125, 0.375, 0],
  ...[0.0625, 0.5, 0.25, 0.1875],
);

describe("attention shares", () => {
  it("are the means worked out by hand", () => {
    expect(attentionShares(A_QK, ids)).toEqual({
      first: (0.25 + 0.5 + 0.0625) / 3,
      previous: (0.25 + 0.125 + 0.25) / 3,
      current: (0.75 + 0.375 + 0.1875) / 3,
      duplicate: (0.5 + 0.5) / 2, // 2 → 0, 3 → 1
      induction: (0.125 + 0.25) / 2, // 2 → 1, 3 → 2
    });
  });

  it("cannot be said where nothing qualifies", () => {
    const { duplicate, induction, previous } = attentionShares(A_QK, [1, 2, 3, 4]);
    expect([duplicate, induction]).toEqual([null, null]);
    expect(previous).not.toBeNull();
    expect(attentionShares(Float32Array.of(1), [3])).toEqual({
      ...{ first: null, previous: null, current: null, duplicate: null, induction: null },
    });
  });

  it("refuses a pattern of another size", () => {
    expect(() => attentionShares(A_QK, [1, 2, 3])).toThrow(/\[3, 3\] weights, got 16/);
  });

  it("lie between 0 and 1 for any pattern whose rows sum to 1", () => {
    const tokens = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 2, maxLength: 9 });
    fc.assert(
      fc.property(
        tokens,
        fc.array(fc.double({ min: 0.01, max: 1, noNaN: true }), { minLength: 45, maxLength: 45 }),
        (t, w) => {
          const n = t.length;
          const pattern = new Float32Array(n * n);
          for (let q = 0; q < n; q++) {
            const start = (q * (q + 1)) / 2;
            const row = w.slice(start, start + q + 1);
            const sum = row.reduce((a, b) => a + b, 0);
            row.forEach((value, k) => (pattern[q * n + k] = value / sum));
          }
          for (const share of Object.values(attentionShares(pattern, t))) {
            if (share === null) continue;
            expect(share).toBeGreaterThanOrEqual(0);
            expect(share).toBeLessThanOrEqual(1 + 1e-6);
          }
        },
      ),
    );
  });
});
