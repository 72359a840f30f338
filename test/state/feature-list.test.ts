import { expect, it } from "vitest";
import { listFeatures, sortedList, type FeatureSort } from "../../src/state/feature-list.ts";

const rows = [
  { feature: 0, density: 0.1, max: 3, lastFired: 7 },
  { feature: 1, density: 0, max: 0, lastFired: null },
  { feature: 2, density: 0.4, max: 3, lastFired: 2 },
  { feature: 3, density: 0.2, max: 9, lastFired: 9 },
];
const order = (sort: FeatureSort, descending: boolean, hideDead = false) =>
  listFeatures(rows, { sort, descending, hideDead }).map(({ feature }) => feature);

it("sorts by each column, ties by number", () => {
  expect(order("max", true)).toEqual([3, 0, 2, 1]);
  expect(order("max", false)).toEqual([1, 0, 2, 3]);
  expect(order("density", true)).toEqual([2, 3, 0, 1]);
  expect(order("feature", true)).toEqual([3, 2, 1, 0]);
});
it("has features that never fired last by “last fired”, both ways", () => {
  expect(order("lastFired", true)).toEqual([3, 0, 2, 1]);
  expect(order("lastFired", false)).toEqual([2, 0, 3, 1]);
});
it("hides dead features and leaves the table as it is", () => {
  expect(order("feature", false, true)).toEqual([0, 2, 3]);
  expect(rows.map(({ feature }) => feature)).toEqual([0, 1, 2, 3]);
});
it("sorts a list by a column, with the dead ones that are in it", () => {
  const list = { id: "l", name: "L", features: [1, 3, 9, 0], at: "" };
  const sorted = sortedList(list, rows, { sort: "density", descending: true, hideDead: true });
  expect(sorted.features).toEqual([3, 0, 1]);
  expect(list.features).toEqual([1, 3, 9, 0]);
});
