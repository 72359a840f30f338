import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Histograms } from "../../src/math/histogram.ts";

describe("histograms with a doubling range", () => {
  it("merges bins when a value lies beyond the last", () => {
    const h = new Histograms(3, 4);
    for (const value of [1.5, 1, 0.25]) h.add(1, value); // width 0.5: 1.5 → bin 3
    expect(h.read(1)).toEqual({ binWidth: 0.5, counts: [1, 0, 1, 1] });
    h.add(1, 5); // width 2: 0.25, 1, 1.5 → bin 0
    expect(h.read(1)).toEqual({ binWidth: 2, counts: [3, 0, 1] });
    expect(h.read(0)).toEqual({ binWidth: 0, counts: [] });
  });
  it("puts the same values into the same bins in any order, and loses none", () => {
    const values = fc.array(fc.double({ min: 1e-6, max: 1e6, noNaN: true }), { minLength: 1 });
    fc.assert(
      fc.property(values, fc.constantFrom(2, 6, 40), (given, bins) => {
        const [a, b] = [new Histograms(1, bins), new Histograms(1, bins)];
        given.forEach((v) => a.add(0, v));
        given.toSorted((x, y) => y - x).forEach((v) => b.add(0, v));
        const direct = new Array<number>(bins).fill(0);
        given.forEach((v) => direct[Math.floor(v / b.binWidth[0]!)]!++);
        expect(a.read(0)).toEqual(b.read(0));
        expect(Array.from(a.counts)).toEqual(direct);
      }),
    );
  });
  it.each([0, -1, Number.NaN, Infinity])("refuses %s", (value) => {
    expect(() => new Histograms(1, 4).add(0, value)).toThrow(/positive/);
  });
});
