import { expect, it } from "vitest";
import { activationsOf, firingPositions } from "../../src/state/feature-on-prompt.ts";

const features = {
  saeId: "a",
  active: [
    [],
    [{ feature: 7, activation: 0.5 }],
    [
      { feature: 2, activation: 3 },
      { feature: 7, activation: 1.5 },
    ],
  ],
};

it("finds a feature at every token", () => {
  expect([...activationsOf(features, 7)]).toEqual([0, 0.5, 1.5]);
  expect([...activationsOf(features, 9)]).toEqual([0, 0, 0]);
});
it("lists where it is on, strongest first", () => {
  expect(firingPositions(Float32Array.of(0, 0.5, 2, 0.5))).toEqual([2, 1, 3]);
});
