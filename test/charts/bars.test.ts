import { describe, expect, it } from "vitest";
import { comparePredictions, effectScale, pointsSign, pointsWords } from "../../src/charts/bars.ts";
import type { Prediction } from "../../src/core/types.ts";

const prediction = (probabilities: Record<number, number>): Prediction => {
  const entries = Object.entries(probabilities).map(([id, p]) => [Number(id), p] as const);
  entries.sort((a, b) => b[1] - a[1]);
  return {
    ids: entries.map(([id]) => id),
    strings: entries.map(([id]) => `t${id}`),
    logits: entries.map(([, p]) => Math.log(p)),
    probabilities: entries.map(([, p]) => p),
  };
};
const plain = prediction({ 3: 0.5, 8: 0.2, 5: 0.1 });
const steered = prediction({ 5: 0.6, 3: 0.25, 8: 0.05 });

describe("comparing two distributions", () => {
  it("pairs the probabilities of each token, in three orders", () => {
    const order = (by: "plain" | "steered" | "change") =>
      comparePredictions(plain, steered, by).rows.map(({ id }) => id);
    expect(order("plain")).toEqual([3, 8, 5]);
    expect(order("steered")).toEqual([5, 3, 8]);
    expect(order("change")).toEqual([5, 3, 8]);
    expect(comparePredictions(plain, steered, "plain").rows[0]).toEqual({
      ...{ id: 3, string: "t3", plain: 0.5, steered: 0.25 },
    });
  });
  it("accounts for all that is not listed", () => {
    const { rest, max } = comparePredictions(plain, steered, "plain");
    expect(rest.plain).toBeCloseTo(0.2, 12);
    expect(rest.steered).toBeCloseTo(0.1, 12);
    expect(max).toBe(0.6);
  });
  it("does not take a probability that it was not told for 0", () => {
    expect(() => comparePredictions(plain, prediction({ 3: 0.9, 8: 0.1 }), "plain")).toThrow(
      /token 5/,
    );
    expect(() => comparePredictions(prediction({ 3: 0.9 }), steered, "plain")).toThrow(
      /1 plain.* 3 steered/,
    );
  });
});

it("writes changes in points, with as many digits as matter", () => {
  expect([0.25, -0.123, 0.0123, -0.0004, 0.00001, 0].map(pointsWords)).toEqual([
    ...["+25", "−12", "+1.2", "−0.04", "0", "0"],
  ]);
});

it("gives a change no sign that is written as 0", () => {
  expect([0.25, -0.123, 0.00001, -0.00001, 0].map(pointsSign)).toEqual([1, -1, 0, 0, 0]);
});

it("puts promoted and suppressed tokens on one scale", () => {
  const effect = (value: number) => ({ id: 1, string: "a", effect: value });
  expect(effectScale([effect(0.5)], [effect(-2), effect(-1)])).toBe(2);
  expect(effectScale([], [])).toBe(0);
});
