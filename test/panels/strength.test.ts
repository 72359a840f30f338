import { expect, it } from "vitest";
import type { GeneratedToken } from "../../src/core/types.ts";
import { differing, firstDifference } from "../../src/charts/continuation.ts";
import { coefficientAt, numberWords, strengthOf } from "../../src/panels/steer/strength.ts";

it("is shown as a multiple and as a coefficient", () => {
  expect(strengthOf(6, 4)).toMatchObject({ multiple: 1.5, place: 1.5, min: -5, max: 5 });
  expect(coefficientAt(1.5, 4)).toBe(6);
});
it("may lie beyond the slider", () => {
  expect(strengthOf(-400, 4)).toMatchObject({ multiple: -100, place: -5 });
});
it("has no multiple when the largest activation is not known", () => {
  expect(strengthOf(6, null)).toMatchObject({ multiple: null, place: 6, max: 50 });
  expect(coefficientAt(6, null)).toBe(6);
});
it("writes numbers in three digits with a true minus", () => {
  expect([0.1 + 0.2, -12.345, 0, -1e-12 * 0, 1234.5].map(numberWords)).toEqual([
    ...["0.3", "−12.3", "0", "0", "1230"],
  ]);
});

const generated = (id: number): GeneratedToken => ({
  ...{ id, text: `t${id}`, string: `t${id}`, probability: 0.1, rank: 1, alternatives: null },
});
const tokens = (...ids: number[]) => ids.map((id) => generated(id));
it("marks tokens that differ at the same step, not those the other has still to reach", () => {
  const [a, b] = [tokens(1, 2, 3, 4), tokens(1, 9, 3)];
  expect(differing(a, b, true)).toEqual([false, true, false, false]);
  expect(differing(a, b, false)).toEqual([false, true, false, true]);
  expect(firstDifference(a, b)).toBe(1);
  expect(firstDifference(a, tokens(1, 2))).toBeNull();
});
