import { describe, expect, it } from "vitest";
import {
  equalLine,
  nearestPoint,
  paretoFront,
  placedNames,
  scatterScales,
  shortName,
  ticksWithRoom,
} from "../../src/charts/scatter.ts";

const at = (id: string, x: number, y: number) => ({ id, label: id, x, y });

describe("a scatter plot", () => {
  it("has axes of one span where values are compared", () => {
    const points = [at("a", 3, -2), at("b", 5, -1)];
    const { x, y } = scatterScales(points, 300, 200, false, true)!;
    expect(x.domain()).toEqual(y.domain());
    expect(x(-2)).toBeGreaterThan(5);
    expect(y(5)).toBeGreaterThan(5);
    expect(equalLine({ x, y })).toMatchObject({ x1: 0, y1: 200, x2: 300, y2: 0 });
  });
  it("has room around its points, on both kinds of axis", () => {
    const points = [at("a", 10, 0.5), at("b", 100, 0.9)];
    for (const log of [false, true]) {
      const { x, y } = scatterScales(points, 300, 200, log)!;
      expect(x(10)).toBeGreaterThan(5);
      expect(x(100)).toBeLessThan(295);
      expect(y(0.5)).toBeLessThan(195);
      expect(y(0.9)).toBeGreaterThan(5);
    }
    const { x, y } = scatterScales([at("a", 3, 2)], 300, 200, false)!;
    expect(x(3)).toBeCloseTo(150, 6);
    expect(y(2)).toBeCloseTo(100, 6);
    expect(scatterScales([], 300, 200, false)).toBeNull();
  });

  it("leaves ticks out that would touch, and keeps the round ones", () => {
    const points = [at("a", 8, 0), at("b", 140, 0)];
    const ticks = (width: number) =>
      ticksWithRoom(scatterScales(points, width, 100, true)!.x, true, 8, String);
    expect(ticks(900)).toEqual([7, 8, 9, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100]);
    expect(ticks(270)).toEqual([7, 10, 20, 30, 50, 70, 100]);
    const even = scatterScales(points, 270, 100, false)!.x;
    expect(ticksWithRoom(even, false, 8, String)).toEqual(even.ticks(5));
  });

  it("shortens names in their middle", () => {
    expect(shortName("blocks.1.resid_post · 384 · TopK, k 16", 28)).toBe(
      "blocks.1.…· 384 · TopK, k 16",
    );
    expect(shortName("Starter dictionary", 28)).toBe("Starter dictionary");
  });

  it("knows what no other point beats", () => {
    const points = [at("a", 20, 0.8), at("b", 10, 0.7), at("c", 30, 0.8), at("d", 20, 0.75)];
    expect(paretoFront(points).map(({ id }) => id)).toEqual(["b", "a"]);
    expect(paretoFront([])).toEqual([]);
  });

  it("has names beside its points where nothing else is", () => {
    const points = [at("left", 0, 0), at("hidden", 2, 0), at("right", 10, 0), at("alone", 5, 10)];
    const scales = scatterScales(points, 200, 100, false)!;
    const names = placedNames(points, scales, { width: 6, height: 12 });
    expect(names.map(({ id, anchor }) => [id, anchor])).toEqual([
      ["hidden", "start"], // “left” has a point to its right and the edge to its left
      ["right", "end"],
      ["alone", "start"],
    ]);
    const right = names[1]!;
    expect(right.x).toBeCloseTo(scales.x(10) - 10, 6);
    expect(right.y).toBeCloseTo(scales.y(0), 6);
    const long = placedNames(
      [at("n".repeat(40), 0, 0)],
      scatterScales([at("a", 0, 0)], 900, 90, false)!,
      { width: 6, height: 12 },
    );
    expect(long[0]!.text).toBe(`${"n".repeat(9)}…${"n".repeat(18)}`);
  });

  it("finds the point under the pointer", () => {
    const points = [at("a", 0, 0), at("b", 10, 10)];
    const scales = scatterScales(points, 100, 100, false)!;
    const near = (x: number, y: number) => nearestPoint(points, scales, { x, y }, 12)?.id;
    expect(near(scales.x(10) + 5, scales.y(10) - 5)).toBe("b");
    expect(near(50, 50)).toBeUndefined();
  });
});
