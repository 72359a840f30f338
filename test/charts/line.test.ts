import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  axisTicks,
  lineScales,
  nearestIndex,
  segments,
  thin,
  type Series,
} from "../../src/charts/line.ts";

const frame = { width: 200, height: 50, log: false, yMin: null, yMax: null };
const upTo = (n: number, y: (i: number) => number): Series => ({
  x: Array.from({ length: n }, (_, i) => 10 * i),
  y: Array.from({ length: n }, (_, i) => y(i)),
});

describe("thinning", () => {
  it("leaves a short series as it is", () => {
    const series = upTo(5, (i) => i);
    expect(thin(series, 5)).toEqual(series);
  });
  it("keeps a single spike among thousands", () => {
    const series = upTo(9000, (i) => (i === 4321 ? 99 : 1));
    const thinned = thin(series, 100);
    expect(thinned.x.length).toBeLessThanOrEqual(100);
    expect(Math.max(...thinned.y)).toBe(99);
    expect(thinned.x[thinned.y.indexOf(99)]).toBe(43210);
  });
  it("keeps ends, extremes, order, and only points of the series", () => {
    const ys = fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), {
      minLength: 7,
      maxLength: 300,
    });
    fc.assert(
      fc.property(ys, fc.integer({ min: 6, max: 40 }), (y, max) => {
        const series = upTo(y.length, (i) => y[i]!);
        const { x: kx, y: ky } = thin(series, max);
        expect(kx.length).toBeLessThanOrEqual(Math.max(max, Math.min(y.length, max)));
        expect([kx[0], kx.at(-1)]).toEqual([0, 10 * (y.length - 1)]);
        expect([Math.min(...ky), Math.max(...ky)]).toEqual([Math.min(...y), Math.max(...y)]);
        for (let i = 0; i < kx.length; i++) {
          expect(ky[i]).toBe(y[kx[i]! / 10]);
          if (i > 0) expect(kx[i]).toBeGreaterThan(kx[i - 1]!);
        }
      }),
    );
  });
});

describe("scales", () => {
  it("give one point room, also one at zero", () => {
    for (const value of [3, 0, -2]) {
      const { x, y } = lineScales({ x: [1000], y: [value] }, frame)!;
      expect(x(1000)).toBeCloseTo(100);
      expect(y(value)).toBeGreaterThan(0);
      expect(y(value)).toBeLessThan(50);
    }
    const log = lineScales({ x: [0], y: [8] }, { ...frame, log: true })!;
    expect(log.y(8)).toBeGreaterThan(0);
  });
  it("are none when nothing can be shown", () => {
    expect(lineScales({ x: [], y: [] }, frame)).toBeNull();
    expect(lineScales({ x: [1, 2], y: [0, NaN] }, { ...frame, log: true })).toBeNull();
  });
  it("keep two fixed ends, and give way where only one is fixed or nothing would be seen", () => {
    const domain = (y: number[], yMin: number, yMax: number | null) =>
      lineScales({ x: [0, 1], y }, { ...frame, yMin, yMax })!.y.domain();
    expect(domain([0.2, 0.4], 0, 1)).toEqual([0, 1]);
    expect(domain([-7, 0.4], 0, 1)).toEqual([0, 1]);
    expect(domain([-7, -3], 0, 1)[0]).toBeLessThanOrEqual(-7);
    expect(domain([-3, 4], 0, null)[0]).toBeLessThanOrEqual(-3);
  });
  it("of one value start at the fixed end", () => {
    const { y } = lineScales({ x: [0, 1], y: [0, 0] }, { ...frame, yMin: 0 })!;
    expect(y.domain()).toEqual([0, 1]);
  });
});

it("a log axis has a readable number of ticks over any range", () => {
  for (const [low, high] of [
    [0.9, 1.1],
    [3, 40],
    [1e-6, 1e3],
  ] as const) {
    const { y } = lineScales({ x: [0, 1], y: [low, high] }, { ...frame, log: true })!;
    const ticks = axisTicks(y, true, 4);
    expect(ticks.length).toBeGreaterThan(0);
    expect(ticks.length).toBeLessThanOrEqual(6);
  }
});

it("cuts the line where a value cannot be shown", () => {
  const series = { x: [0, 1, 2, 3, 4], y: [1, 0, 2, 3, NaN] };
  expect(segments(series, true)).toEqual([
    { x: [0], y: [1] },
    { x: [2, 3], y: [2, 3] },
  ]);
  expect(segments(series, false)).toEqual([{ x: [0, 1, 2, 3], y: [1, 0, 2, 3] }]);
});

it("finds the nearest point", () => {
  expect([-5, 14, 16, 99].map((at) => nearestIndex([0, 10, 20], at))).toEqual([0, 1, 2, 2]);
  expect(nearestIndex([], 1)).toBeNull();
});
