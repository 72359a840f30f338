/** What is not shown by name is in the others: nothing of the sum is lost. */
import { expect, it } from "vitest";
import { foldPairs, sumOf, topParts } from "../../src/charts/pair-trace.ts";
import type { PairTrace, TracePart } from "../../src/core/pair-trace.ts";

const parts: TracePart[] = ["embed", "0.0", "MLP 0", "bias"].map((name) => ({
  ...{ name, layer: null, head: null },
}));

it("the largest by size come first, the others are one", () => {
  const { parts: top, rest } = topParts(parts, [1, -5, 2, -0.5], 2);
  expect(top).toEqual([
    { index: 1, value: -5 },
    { index: 2, value: 2 },
  ]);
  expect(rest).toEqual({ count: 2, sum: 0.5 });
});

it("pairs fold by the strongest of each side, in forward order", () => {
  const scores = Float64Array.from([1, 0, 0, 0, 0, 0, 9, 1, 0, 0, 0, 2, 0.5, 0, 0, -1]);
  const trace = { parts, scores } as unknown as PairTrace;
  const { rows, columns, values } = foldPairs(trace, 2);
  expect(rows.map(({ name }) => name)).toEqual(["0.0", "MLP 0", "others"]);
  expect(columns.map(({ name }) => name)).toEqual(["MLP 0", "bias", "others"]);
  expect([...values]).toEqual([9, 1, 0, 0, 2, 0, 0, -1, 1.5]);
  expect(sumOf(values)).toBe(sumOf(scores));
  expect(foldPairs(trace, 9).rows).toHaveLength(4); // all of them: no others
});
