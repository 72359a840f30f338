/** Parts along a direction: hand values, with unequal sizes. */
import { expect, it } from "vitest";
import { groupsAlong } from "../../src/math/component-results.ts";

// Two rows, six inputs in groups of three (or of one); two directions.
const x_RI = Float32Array.of(1, 2, 3, 4, 5, 6, 1, 0, -1, 2, 0, 10);
const along_NI = Float32Array.of(1, 10, 100, 0, 1, 0, 2, 2, 2, -1, 0, 0.5);

it.each([
  ["each row's own direction", [0, 1], [321, 0, 5, 3]],
  ["one for both", [1, 1], [12, 0, -1, 3]],
  ["none for one row", [-1, 0], [NaN, -99, NaN, 0]],
])("groups are summed along %s", (_, which, expected) => {
  expect([...groupsAlong(x_RI, along_NI, which, 3)]).toEqual(expected);
});

it("single inputs are groups of one", () => {
  const expected = [1, 2, 20, 0, 300, -2, 0, -2, 5, 0, 0, 5];
  expect([...groupsAlong(x_RI, along_NI, [0, 1], 1)]).toEqual(expected);
});

it("refuses what does not fit", () => {
  expect(() => groupsAlong(x_RI, along_NI, [0, 1], 4)).toThrow(/groups of 4/);
  expect(() => groupsAlong(x_RI, along_NI.subarray(1), [0, 1], 3)).toThrow(/got 12 and 11/);
});
