import { describe, expect, it } from "vitest";
import type { GeneratedToken } from "../../src/core/generation.ts";
import { differing, firstDifference } from "../../src/charts/continuation.ts";
import type { SteerFacts, SteerRow } from "../../src/core/steer.ts";
import {
  numberWords,
  readPositions,
  strengthOf,
  unitOf,
  unitsOf,
} from "../../src/panels/steer/strength.ts";
import { tooFar } from "../../src/panels/steer/too-far.ts";

const facts = {
  ...{
    hook: "h",
    normHook: "h",
    length: 2,
    scale: 1,
    reach: 3,
    own: null,
    reading: 0,
    norm: 12,
    change: null,
  },
} satisfies SteerFacts;
const add = { mode: "add", amount: 6, unit: "max" } as SteerRow;

it("is shown in multiples of the largest activation, of the stream, and as it is", () => {
  const units = unitsOf(add, facts, 4);
  expect(units.map(({ unit, size }) => [unit, size])).toEqual([
    ["max", 4],
    ["norm", 4], // c·3 is as long as the stream, 12
    ["raw", 1],
  ]);
  expect(strengthOf(add, units[0]!)).toMatchObject({ multiple: 1.5, place: 1.5, min: -5, max: 5 });
});
it("along d̂ has the length that the feature writes", () => {
  const units = unitsOf({ mode: "replace" }, facts, 4);
  expect(units.map(({ unit, size }) => [unit, size])).toEqual([
    ["max", 8], // 4·‖d‖
    ["norm", 8], // d̂·c is c·3/2 long in the stream
    ["raw", 1],
  ]);
});
it("of a direction that is no feature is in its own lengths", () => {
  expect(unitsOf(add, { ...facts, length: 1, own: 7 }, null)[0]).toMatchObject({
    unit: "max",
    size: 7,
  });
});
it("may lie beyond the slider", () => {
  const own = { unit: "max", size: 4 } as const;
  expect(strengthOf({ ...add, amount: -400 }, own)).toMatchObject({ multiple: -100, place: -5 });
});
it("is as it is where no scale is known, and for a factor", () => {
  expect(unitOf(add, null, null)).toMatchObject({ unit: "raw", size: 1 });
  expect(unitsOf({ mode: "multiply" }, facts, 4)).toHaveLength(1);
  expect(strengthOf({ mode: "multiply", amount: 2 }, { unit: "raw", size: 1 })).toMatchObject({
    max: 5,
  });
});
it("has positions by number", () => {
  expect(readPositions("3, −1 3")).toEqual([3, -1]);
  expect(["", "a", "1.5"].map(readPositions)).toEqual([null, null, null]);
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

describe("strengths that go too far", () => {
  const of = (...changes: (number | null | undefined)[]) =>
    tooFar(
      changes.map((_, i) => i - 2),
      changes.map((change) => (change === undefined ? null : { change })),
    );
  it("are told as ranges, of what was measured", () => {
    expect(of(0.2, 0.1, 0, 1, 1)).toBeNull();
    expect(of(null, null)).toBeNull();
    expect(of(2, 1.5, 0, 0.9, 1.2)).toBe("Up to −1 and from 2 on");
    expect(of(0.4, 0.2, 0, 1.1, 2)).toBe("From 1 on");
    expect(of(undefined, 3, 0)).toBe("Up to −1");
    expect(of(3, 2, 1.01)).toBe("At every strength measured");
    expect(of(0, 2, 1)).toBe("At −1");
  });
});
