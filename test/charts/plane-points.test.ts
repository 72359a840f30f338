import { expect, it } from "vitest";
import {
  nearestPoint,
  planePoint,
  planeRadius,
  planeRings,
} from "../../src/charts/plane-points.ts";

it("keeps the angle, and lays the largest on the rim", () => {
  const { x, y } = planePoint(-3, 4, 5, "log");
  expect([x, y]).toEqual([expect.closeTo(-0.6, 12), expect.closeTo(0.8, 12)]);
  expect(planePoint(0, -2, 8, "linear")).toEqual({ x: 0, y: -0.25 });
  expect(planePoint(0, 0, 8, "log")).toEqual({ x: 0, y: 0 });
});

it("has a quarter of the radius for each power of ten, and the middle for all below four", () => {
  expect(planeRadius(50, 500, "log")).toBeCloseTo(0.75, 12);
  expect(planeRadius(0.5, 500, "log")).toBeCloseTo(0.25, 12);
  expect(planeRadius(1e-9, 500, "log")).toBe(0);
  expect(planeRadius(0, 0, "linear")).toBe(0);
  expect(planeRings(200, "log").map(({ radius, modulus }) => [radius, modulus])).toEqual([
    [0.25, expect.closeTo(0.2, 12)],
    [0.5, expect.closeTo(2, 12)],
    [0.75, expect.closeTo(20, 12)],
    [1, 200],
  ]);
  expect(planeRings(8, "linear").map(({ modulus }) => modulus)).toEqual([2, 4, 6, 8]);
});

it("finds the point that is near, and none that is far", () => {
  const points = [
    { x: 0, y: 0 },
    { x: 0.5, y: 0.1 },
  ];
  expect(nearestPoint(points, 0.4, 0.1, 0.2)).toBe(1);
  expect(nearestPoint(points, 0.4, -0.9, 0.2)).toBeNull();
});
