/** Scores by counts: hand values with unequal classes, where plain accuracy would say something else. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  balancedAccuracy,
  confusionAt,
  confusionOf,
  firingMargin,
  NO_CASES,
  precision,
  recall,
  specificity,
} from "../../src/math/detection.ts";

describe("scores of yes and no", () => {
  // 4 active cases of which 3 were told, 10 inactive of which 2 were told: accuracy would be 11/14.
  const counts = { hits: 3, misses: 1, falseAlarms: 2, rejections: 8 };
  it("are those of the definitions, by hand", () => {
    expect(recall(counts)).toBe(0.75);
    expect(precision(counts)).toBe(0.6);
    expect(specificity(counts)).toBe(0.8);
    expect(balancedAccuracy(counts)).toBe(0.775);
  });
  it("give half to whoever always says the same, whatever the shares of the classes", () => {
    expect(balancedAccuracy({ hits: 3, misses: 0, falseAlarms: 97, rejections: 0 })).toBe(0.5);
    expect(balancedAccuracy({ hits: 0, misses: 3, falseAlarms: 0, rejections: 97 })).toBe(0.5);
  });
  it("say nothing where they are 0/0", () => {
    expect(balancedAccuracy({ ...counts, hits: 0, misses: 0 })).toBeNull();
    expect(balancedAccuracy({ ...counts, falseAlarms: 0, rejections: 0 })).toBeNull();
    expect(precision({ ...NO_CASES, misses: 5 })).toBeNull();
    expect(recall(NO_CASES)).toBeNull();
  });
  it("count answers case by case, and those that could not be read apart", () => {
    const truth = [true, true, true, false, false, true];
    const told = [true, false, null, true, false, true];
    expect(confusionOf(truth, told)).toEqual({
      counts: { hits: 2, misses: 1, falseAlarms: 1, rejections: 1 },
      unread: 1,
    });
    expect(() => confusionOf([true], [])).toThrow(/0 answers for 1 cases/);
  });
  it("count every case once", () => {
    const answers = fc.array(
      fc.tuple(fc.boolean(), fc.constantFrom<(boolean | null)[]>(true, false, null)),
    );
    fc.assert(
      fc.property(answers, (cases) => {
        const { counts: c, unread } = confusionOf(
          cases.map(([t]) => t),
          cases.map(([, s]) => s),
        );
        return c.hits + c.misses + c.falseAlarms + c.rejections + unread === cases.length;
      }),
    );
  });
});

describe("texts against a threshold", () => {
  it("are above it or not; equal is not", () => {
    expect(confusionAt([2, 0.5, 1], [0, 1.5, 0.2, 0.5], 0.5)).toEqual({
      ...{ hits: 2, misses: 1, falseAlarms: 1, rejections: 3 },
    });
  });
  it("have a margin that tells whether any threshold parts them", () => {
    expect(firingMargin([2, 3], [1.5, 0])).toBe(0.5);
    expect(firingMargin([2, 3], [2.25, 0])).toBe(-0.25);
    expect(firingMargin([], [1])).toBeNull();
    expect(firingMargin([1], [])).toBeNull();
    // Some threshold tells all apart exactly where the margin is above 0.
    const values = fc.array(fc.integer({ min: 0, max: 8 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(values, values, (a, b) => {
        const parts = [-1, ...a, ...b].some((t) => {
          const { misses, falseAlarms } = confusionAt(a, b, t);
          return misses === 0 && falseAlarms === 0;
        });
        return parts === firingMargin(a, b)! > 0;
      }),
    );
  });
});
