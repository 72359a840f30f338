import { describe, expect, it } from "vitest";
import {
  type ActivitySettings,
  densityOf,
  featureActivity,
  readMarks,
} from "../../src/state/feature-activity.ts";

/** Positions 0 … 3; feature 7 is dense in the corpus. */
const active = {
  saeId: "x",
  active: [
    [
      { feature: 9, activation: 50 },
      { feature: 7, activation: 40 },
    ],
    [
      { feature: 7, activation: 4 },
      { feature: 2, activation: 1 },
    ],
    [{ feature: 7, activation: 2 }],
    [
      { feature: 2, activation: 3 },
      { feature: 5, activation: 3.5 },
    ],
  ],
};
const row = (feature: number, density: number) => ({ feature, density, max: 1, lastFired: 1 });
const density = densityOf([row(2, 0.002), row(5, 0.001), row(7, 0.3)]);
const of = (patch: Partial<ActivitySettings> = {}) =>
  featureActivity(active, density, {
    ...{ sort: "strongest", mostDensity: 1, skipFirst: true, marked: [], count: 10 },
    ...patch,
  });

describe("features on the prompt", () => {
  it("are those that are active, strongest first, without the first position", () => {
    const { features, values, total } = of();
    expect(features).toEqual([7, 5, 2]);
    expect(total).toBe(3);
    expect([...values]).toEqual([NaN, 4, 2, NaN, NaN, NaN, NaN, 3.5, NaN, 1, NaN, 3]);
    expect(of({ skipFirst: false }).features).toEqual([9, 7, 5, 2]);
  });
  it("are ordered as asked", () => {
    expect(of({ sort: "sum" }).features).toEqual([7, 2, 5]); // 6; 4; 3.5
    expect(of({ sort: "tokens" }).features).toEqual([7, 2, 5]);
    expect(of({ sort: "first" }).features).toEqual([7, 2, 5]);
    expect(of({ sort: "rarest" }).features).toEqual([5, 2, 7]);
  });
  it("leave out the dense, and those beyond the count", () => {
    expect(of({ mostDensity: 0.01 }).features).toEqual([5, 2]);
    expect(of({ count: 1 })).toMatchObject({ features: [7], total: 3 });
  });
  it("are ranked by what is active on the marked tokens", () => {
    expect(of({ marked: [3] }).features).toEqual([5, 2]);
    expect(of({ marked: [1, 3] }).features).toEqual([7, 2, 5]); // 4; 1 + 3; 3.5
    expect(of({ marked: [0] }).features).toEqual([]);
  });
  it("are marked in the link", () => {
    expect(readMarks("3,1,3,99,x,-1,", 4)).toEqual([3, 1]);
    expect(readMarks("", 4)).toEqual([]);
  });
});
