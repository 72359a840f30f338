import { describe, expect, it } from "vitest";
import {
  densityStep,
  fitPoints,
  nextInDirection,
  placed,
  pointsInside,
} from "../../src/charts/map-geometry.ts";

describe("a map of points", () => {
  it("fits into its box at one scale for both axes, whatever its size", () => {
    const points = Float32Array.of(-2, 10, 6, 12, 2, 11); // 8 wide, 2 high
    const at = placed(points, { width: 432, height: 100 });
    expect([...at]).toEqual([80, 16, 352, 84, 216, 50]); // 34 pixels a unit: the height decides
    expect(fitPoints(points, { width: 432, height: 1000 }).k).toBe(50);
    expect([...placed(Float32Array.of(3, 3), { width: 100, height: 60 })]).toEqual([50, 30]);
    expect(placed(new Float32Array(0), { width: 10, height: 10 })).toHaveLength(0);
  });
  it("goes to the nearest within 45° of a direction, y downwards", () => {
    //             0     1      2     3       4
    const at = Float32Array.of(0, 0, 3, 2, 5, 0, 1, -4, -6, 1);
    expect(nextInDirection(at, 0, "ArrowRight")).toBe(1);
    expect(nextInDirection(at, 0, "ArrowUp")).toBe(3);
    expect(nextInDirection(at, 0, "ArrowLeft")).toBe(4);
    expect(nextInDirection(at, 0, "ArrowDown")).toBeNull();
    expect(nextInDirection(at, 1, "ArrowRight")).toBe(2);
  });
  it("a lasso holds what is inside of it, also where it is not convex", () => {
    const at = Float32Array.of(1, 1, 5, 1, 3, 5, 3, 1.5, 9, 9);
    const horseshoe = [0, 0, 6, 0, 6, 6, 4, 6, 4, 2, 2, 2, 2, 6, 0, 6];
    expect(pointsInside(at, horseshoe)).toEqual([0, 1, 3]);
    expect(pointsInside(at, [0, 0])).toEqual([]);
  });
  it("colours by the order of magnitude of the density", () => {
    expect([0, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1].map(densityStep)).toEqual([
      0, 0, 0, 1, 2, 3, 4, 4,
    ]);
  });
});
