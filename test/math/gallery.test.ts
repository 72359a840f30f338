import { describe, expect, it } from "vitest";
import type { Claim, GalleryQuestion } from "../../src/core/gallery.ts";
import { findInRun, type GalleryRun, placeOf } from "../../src/math/gallery.ts";

/** Tokens of two letters; id 0 … 4. Two layers of one and of two heads over three positions. */
const VOCABULARY = ["<|endoftext|>", " a", " b", " a", "c)"];
const row = (...weights: number[]) => weights;
const run: GalleryRun = {
  ids: [0, 1, 2],
  strings: ["<|endoftext|>", " a", " b"],
  patterns: [
    {
      data: Float32Array.from([...row(1, 0, 0), ...row(0.1, 0.9, 0), ...row(0.5, 0.3, 0.2)]),
      dims: [1, 3, 3],
    },
    {
      data: Float32Array.from([
        ...[...row(1, 0, 0), ...row(0.25, 0.75, 0), ...row(0.1, 0.8, 0.1)],
        ...[...row(1, 0, 0), ...row(1, 0, 0), ...row(0.9, 0.1, 0)],
      ]),
      dims: [2, 3, 3],
    },
  ],
  logits: Float32Array.of(0, Math.log(2), Math.log(4), 0, Math.log(8)), // p: 1 2 4 1 8 of 16
  idsOf: (text) => (text === " long" ? [1, 2] : [VOCABULARY.indexOf(text)]),
  stringOf: (id) => VOCABULARY[id]!,
};
const ask = (patch: Partial<GalleryQuestion>) =>
  findInRun(run, { claims: [], otherClaims: [], head: null, position: "last", ...patch });
const decide = (claim: Claim) => ask({ claims: [claim] }).claims[0]!;

describe("what a run shows", () => {
  it("compares probabilities, of lists their sums", () => {
    const one = decide({ claim: "prefers", tokens: [" b"], over: [" a"] });
    expect(one.holds).toBe(true);
    expect(one.numbers.map(({ value }) => value)).toEqual([0.25, 0.125]);
    expect(decide({ claim: "prefers", tokens: [" a"], over: [" b"] }).holds).toBe(false);
    const sum = decide({ claim: "prefers", tokens: [" a", " b"], over: ["c)"] });
    expect(sum).toMatchObject({ holds: false, numbers: [{ value: 0.375 }, { value: 0.5 }] });
  });

  it("says nothing of a text that is not one token", () => {
    expect(decide({ claim: "prefers", tokens: [" long"], over: [" a"] })).toEqual({
      holds: null,
      why: "“ long” is not one token of this model",
      numbers: [],
    });
  });

  it("looks for a text among the likeliest, or for its absence", () => {
    expect(decide({ claim: "among", text: ")", within: 1 }).holds).toBe(true);
    expect(decide({ claim: "among", text: " a", within: 2 }).holds).toBe(false);
    expect(decide({ claim: "among", text: " a", within: 2, not: true }).holds).toBe(true);
    expect(decide({ claim: "among", text: ")", within: 1, not: true }).holds).toBe(false);
  });

  it("names the head that does most of a thing", () => {
    const looks = { rule: "looks", to: { token: " a", nth: 0 } } as const;
    expect(ask({ head: looks }).head).toMatchObject({ layer: 1, head: 0 });
    expect(ask({ head: looks }).head!.weight).toBeCloseTo(0.8, 6);
    // The mean over queries 1 and 2 of the weight on position 0: 0.3, 0.175, 0.95.
    expect(ask({ head: { rule: "score", score: "first" } }).head).toMatchObject({
      layer: 1,
      head: 1,
    });
    // Share of three rows of weights on the token before: 0.1 + 0.3, 0.25 + 0.8, 1 + 0.1.
    const previous = ask({ head: { rule: "score", score: "previous" } }).head!;
    expect(previous.weight).toBeCloseTo(1.1 / 3, 6);
    expect(decide({ claim: "head", head: looks, least: 0.79 }).holds).toBe(true);
    expect(decide({ claim: "head", head: looks, least: 0.81 }).holds).toBe(false);
  });

  it("says nothing of a head where the prompt has no such token, or nothing repeats", () => {
    const gone = { rule: "looks", to: { token: " z", nth: 0 } } as const;
    expect(ask({ head: gone }).head).toBeNull();
    expect(decide({ claim: "head", head: gone, least: 0.1 })).toMatchObject({ holds: null });
    expect(ask({ head: { rule: "score", score: "induction" } }).head).toBeNull();
  });

  it("sums the years above and the others", () => {
    const years = Array.from({ length: 100 }, (_, i) => String(i).padStart(2, "0"));
    const logits = Float32Array.from(years, (_, i) => (i > 32 ? Math.log(3) : 0));
    const found = findInRun(
      { ...run, logits, idsOf: (text) => [years.indexOf(text)], stringOf: (id) => years[id]! },
      { claims: [{ claim: "later", than: 32 }], otherClaims: [], head: null, position: "last" },
    ).claims[0]!;
    expect(found.holds).toBe(true);
    expect(found.numbers[0]!.value).toBeCloseTo((67 * 3) / (67 * 3 + 33), 5);
    expect(found.numbers[1]!.value).toBeCloseTo(33 / (67 * 3 + 33), 5);
  });

  it("finds places by token, from either end", () => {
    const strings = [" x", " y", " x"];
    expect([0, 1, -1, -2, 2].map((nth) => placeOf(strings, { token: " x", nth }))).toEqual([
      0,
      2,
      2,
      0,
      null,
    ]);
  });
});
