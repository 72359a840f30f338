import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  attentionEntropy,
  detectHead,
  detectionCells,
  type DetectedKind,
  meanDiagonal,
  queryMeans,
} from "../../src/math/head-scores.ts";

// ids 7 5 7 7 5: 2 and 3 repeat 0, 3 repeats 2, 4 repeats 1.
const IDS = [7, 5, 7, 7, 5];
const A_QK = Float32Array.of(
  ...[1, 0, 0, 0, 0], //
  ...[0.25, 0.75, 0, 0, 0],
  ...[0.5, 0.125, 0.375, 0, 0],
  ...[0.0625, 0.5, 0.25, 0.1875, 0],
  ...[0.125, 0.25, 0.3125, 0.0625, 0.25],
);
const ALL = { excludeFirst: false, excludeCurrent: false };

/** `detect_head`'s matrices and sum step by step, as whole matrices in float64. */
function literal(
  A: readonly number[][],
  ids: readonly number[],
  kind: DetectedKind,
  { excludeFirst, excludeCurrent }: typeof ALL,
): number {
  const n = ids.length;
  const matrix = (f: (i: number, j: number) => number) =>
    ids.map((_, i) => ids.map((__, j) => f(i, j)));
  const tril = (m: number[][]) => matrix((i, j) => (j <= i ? m[i]![j]! : 0));
  const duplicate = tril(matrix((i, j) => Number(i !== j && ids[i] === ids[j])));
  const rolled = matrix((i, j) => duplicate[i]![(j - 1 + n) % n]!);
  const D = {
    previous: matrix((i, j) => Number(j === i - 1)),
    duplicate,
    induction: tril(matrix((i, j) => (j === 0 ? 0 : rolled[i]![j]!))),
  }[kind];
  const kept = matrix((i, j) =>
    (excludeFirst && j === 0) || (excludeCurrent && i === j) ? 0 : A[i]![j]!,
  );
  const sum = (f: (i: number, j: number) => number) =>
    matrix(f)
      .flat()
      .reduce((a, b) => a + b, 0);
  return sum((i, j) => kept[i]![j]! * D[i]![j]!) / sum((i, j) => kept[i]![j]!);
}

const cellsOf = (kind: DetectedKind) =>
  [...detectionCells(kind, IDS)].map((cell) => [Math.floor(cell / 5), cell % 5]);

describe("detectHead", () => {
  it("knows where each kind would look", () => {
    expect(cellsOf("previous")).toEqual([1, 2, 3, 4].map((q) => [q, q - 1]));
    expect(cellsOf("duplicate").sort()).toEqual([
      [2, 0],
      [3, 0],
      [3, 2],
      [4, 1], // prettier-ignore
    ]);
    expect(cellsOf("induction").sort()).toEqual([
      [2, 1],
      [3, 1],
      [3, 3],
      [4, 2], // prettier-ignore
    ]);
  });

  it("is the share worked out by hand", () => {
    const of = (kind: DetectedKind, options = ALL) =>
      detectHead(A_QK, 5, detectionCells(kind, IDS), options);
    expect(of("previous")).toBe((0.25 + 0.125 + 0.25 + 0.0625) / 5);
    expect(of("duplicate")).toBe((0.5 + 0.0625 + 0.25 + 0.25) / 5);
    expect(of("induction")).toBe((0.125 + 0.5 + 0.1875 + 0.3125) / 5);
    // Without the first column, 5 − 1.9375; without the diagonal, 5 − 2.5625.
    expect(of("previous", { ...ALL, excludeFirst: true })).toBe((0.125 + 0.25 + 0.0625) / 3.0625);
    expect(of("induction", { ...ALL, excludeCurrent: true })).toBe((0.125 + 0.5 + 0.3125) / 2.4375);
  });

  it("cannot be said where no token repeats, nor of no attention at all", () => {
    const none = detectionCells("induction", [1, 2, 3, 4, 5]);
    expect(detectHead(A_QK, 5, none, ALL)).toBeNull();
    const first = Float32Array.of(1, 0, 0, 1, 0, 0, 1, 0, 0);
    const cells = detectionCells("previous", [1, 2, 3]);
    expect(detectHead(first, 3, cells, { ...ALL, excludeFirst: true })).toBeNull();
    expect(detectHead(first, 3, cells, ALL)).toBe(1 / 3);
  });

  it("leaves the pattern as it is, and refuses one of another size", () => {
    const before = A_QK.slice();
    const cells = detectionCells("previous", IDS);
    detectHead(A_QK, 5, cells, { excludeFirst: true, excludeCurrent: true });
    expect(A_QK).toEqual(before);
    expect(() => detectHead(A_QK, 4, cells, ALL)).toThrow(/\[4, 4\] weights, got 25/);
  });

  it("agrees with whole matrices, whatever the tokens and the options", () => {
    const tokens = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 2, maxLength: 9 });
    const weights = fc.array(fc.double({ min: 0.01, max: 1, noNaN: true }), {
      ...{ minLength: 45, maxLength: 45 },
    });
    const kinds = fc.constantFrom<DetectedKind>("previous", "duplicate", "induction");
    fc.assert(
      fc.property(
        ...[tokens, weights, kinds, fc.boolean(), fc.boolean()],
        (ids, w, kind, excludeFirst, excludeCurrent) => {
          const n = ids.length;
          const rows = ids.map((_, q) => {
            const row = w.slice((q * (q + 1)) / 2, ((q + 1) * (q + 2)) / 2);
            const sum = row.reduce((a, b) => a + b, 0);
            return ids.map((__, k) => Math.fround((row[k] ?? 0) / sum));
          });
          const options = { excludeFirst, excludeCurrent };
          const score = detectHead(
            Float32Array.from(rows.flat()),
            n,
            detectionCells(kind, ids),
            options,
          );
          const slow = literal(rows, ids, kind, options);
          if (score === null) expect(slow === 0 || Number.isNaN(slow)).toBe(true);
          else expect(score).toBeCloseTo(slow, 12);
        },
      ),
    );
  });
});

describe("meanDiagonal", () => {
  it("is the mean of the weights at one distance", () => {
    expect(meanDiagonal(A_QK, 5, 0)).toBe((1 + 0.75 + 0.375 + 0.1875 + 0.25) / 5);
    expect(meanDiagonal(A_QK, 5, 1)).toBe((0.25 + 0.125 + 0.25 + 0.0625) / 4);
    expect(meanDiagonal(A_QK, 5, 3)).toBe((0.0625 + 0.25) / 2);
    expect(meanDiagonal(A_QK, 5, 4)).toBe(0.125);
    expect(() => meanDiagonal(A_QK, 5, 5)).toThrow(/no diagonal 5/);
  });
});

describe("means over queries", () => {
  it("leave out the first, which has no choice", () => {
    const means = queryMeans(A_QK, 5)!;
    expect(means.first).toBe((0.25 + 0.5 + 0.0625 + 0.125) / 4);
    expect(means.current).toBe((0.75 + 0.375 + 0.1875 + 0.25) / 4);
    const distances = [0.25, 1 + 0.125, 0.1875 + 1 + 0.25, 0.5 + 0.75 + 0.625 + 0.0625];
    expect(means.distance).toBeCloseTo(distances.reduce((a, b) => a + b, 0) / 4, 14);
    const entropies = [1, 2, 3, 4].map((q) => attentionEntropy(A_QK.slice(q * 5, q * 5 + q + 1)));
    expect(means.entropy).toBeCloseTo(entropies.reduce((a, b) => a + b, 0) / 4, 14);
    expect(queryMeans(Float32Array.of(1), 1)).toBeNull();
  });

  it("entropy is log₂ n for an even spread, 0 for a single key, and counts 0 · log 0 as 0", () => {
    expect(attentionEntropy(new Float32Array(8).fill(1 / 8))).toBe(3);
    expect(attentionEntropy(Float32Array.of(0, 1, 0))).toBe(0);
    expect(attentionEntropy(Float32Array.of(0.5, 0.25, 0.25))).toBe(1.5);
  });
});
