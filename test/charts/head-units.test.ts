import { expect, it } from "vitest";
import {
  HEAD_SETS,
  headName,
  headsOf,
  neighbourUnit,
  someHead,
  unitName,
  unitOf,
  unitsOf,
} from "../../src/charts/head-units.ts";

const SIZES = { layers: 2, heads: 3 };

it("heads are walked through across layers, and no further", () => {
  const step = (layer: number, head: number, by: 1 | -1) =>
    neighbourUnit("each", { layer, head }, by, SIZES);
  expect(step(0, 2, 1)).toEqual({ layer: 1, head: 0 });
  expect(step(1, 0, -1)).toEqual({ layer: 0, head: 2 });
  expect(step(1, 2, 1)).toBeNull();
  expect(step(0, 0, -1)).toBeNull();
  expect(headName({ layer: 10, head: 7 })).toBe("L10H7");
});

it("means are walked through in their own set", () => {
  expect(neighbourUnit("layer", { layer: 0, head: null }, 1, SIZES)).toEqual({
    ...{ layer: 1, head: null },
  });
  expect(neighbourUnit("layer", { layer: 1, head: null }, 1, SIZES)).toBeNull();
  expect(neighbourUnit("all", { layer: null, head: null }, 1, SIZES)).toBeNull();
});

it.each([
  ["each", 6, 1],
  ["layer", 2, 3],
  ["index", 3, 2],
  ["all", 1, 6],
] as const)("the set %s has %i units of %i heads, which are all there are", (set, units, each) => {
  const all = unitsOf(set, SIZES);
  expect(all).toHaveLength(units);
  const heads = all.flatMap((unit) => headsOf(unit, SIZES));
  expect(heads).toHaveLength(units * each);
  expect(new Set(heads.map(headName)).size).toBe(6);
  for (const unit of all) expect(unitOf(set, someHead(unit))).toEqual(unit);
});

it("units are called by what they are", () => {
  const names = HEAD_SETS.map((set) => unitName(unitOf(set, { layer: 3, head: 5 })));
  expect(names).toEqual(["L3H5", "L3 mean", "H5 mean", "mean of all"]);
});
