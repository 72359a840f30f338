import { expect, it } from "vitest";
import { firstFeature } from "../../src/state/first-feature.ts";

const row = (feature: number, density: number, max: number) => ({
  ...{ feature, density, max },
  lastFired: density > 0 ? 1 : null,
});
const table = {
  saeId: "a",
  tokens: 100,
  rows: [row(0, 0.4, 30), row(1, 0.01, 5), row(2, 0, 0), row(3, 0.03, 9), row(4, 0.001, 2)],
};
const on = (...active: [number, number][][]) => ({
  saeId: "a",
  active: active.map((here) => here.map(([feature, activation]) => ({ feature, activation }))),
});

it("is the strongest on the prompt that is not dense, the first token left out", () => {
  expect(
    firstFeature(
      table,
      on(
        [[3, 50]],
        [
          [0, 20],
          [1, 4],
        ],
        [[4, 3]],
      ),
    ),
  ).toBe(1);
});
it("is the largest in the corpus when the prompt has none, or was read with another SAE", () => {
  expect(firstFeature(table, on([], [[0, 20]]))).toBe(3);
  expect(firstFeature(table, { ...on([], [[1, 4]]), saeId: "b" })).toBe(3);
  expect(firstFeature(table, null)).toBe(3);
});
it("is a dense one when there is no other, and none of nothing", () => {
  expect(firstFeature({ ...table, rows: [row(2, 0, 0), row(0, 0.4, 30)] }, null)).toBe(0);
  expect(firstFeature({ ...table, rows: [] }, null)).toBeNull();
});
