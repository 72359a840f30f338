import { expect, it } from "vitest";
import {
  byScore,
  formatScore,
  REPEAT_SCORE_NAMES,
  scoreDifference,
  scoreTitle,
  shortScore,
} from "../../src/charts/head-score-words.ts";

it("two definitions of one name are told apart", () => {
  const titles = REPEAT_SCORE_NAMES.map(scoreTitle);
  expect(new Set(titles).size).toBe(10);
  expect(scoreTitle("induction")).toBe("induction (detect_head)");
  expect(scoreTitle("inductionDiagonal")).toBe("induction (mean diagonal)");
});

it("what cannot be said is no number, and comes last", () => {
  expect(byScore([0.1, null, 0.5, 0.1, null])).toEqual([2, 0, 3, 1, 4]);
  expect(formatScore("induction", null)).toBe("–");
  expect(formatScore("induction", 0.8765)).toBe("0.876");
  expect(formatScore("entropy", 1.4)).toBe("1.40 bits");
  expect(formatScore("distance", -0.25, true)).toBe("−0.25 tokens");
  expect(shortScore("distance", -0.25, true)).toBe("−.25");
  expect(shortScore("induction", 0.8765)).toBe(".876");
  expect(shortScore("induction", null)).toBe("–");
  expect(scoreDifference([0.5, null, 1], [0.25, 1, null])).toEqual([-0.25, null, null]);
});
