/** What a hypothesis test has found, in numbers and words. Pure; formulas in `math/detection.ts`. */
import type { Confusion, TestResult } from "../core/feature-notes.ts";
import { confusionAt, firingMargin, precision, recall } from "../math/detection.ts";
import { activationWords } from "./example.ts";

export interface TestNumbers {
  counts: Confusion;
  /** null where it is 0/0 */
  precision: number | null;
  recall: number | null;
  /** min over those that should − max over those that should not, in activation; null without texts of both kinds */
  margin: number | null;
}

export function testNumbers({ should, shouldNot, threshold }: TestResult): TestNumbers {
  const values = (texts: TestResult["should"]) => texts.map(({ value }) => value);
  const counts = confusionAt(values(should), values(shouldNot), threshold);
  return {
    counts,
    precision: precision(counts),
    recall: recall(counts),
    margin: firingMargin(values(should), values(shouldNot)),
  };
}

export type Verdict = "hit" | "miss" | "false alarm" | "rightly silent";
export const verdictOf = (value: number, threshold: number, should: boolean): Verdict => {
  const above = value > threshold;
  if (should) return above ? "hit" : "miss";
  return above ? "false alarm" : "rightly silent";
};

const shareWords = (share: number | null): string =>
  share === null ? "cannot be said, 0/0" : share.toFixed(2);

/** Name and value of each number, in the order in which they are read. */
export function testFacts(result: TestResult): [name: string, value: string, means: string][] {
  const { counts, margin, ...shares } = testNumbers(result);
  const of = (part: number, texts: readonly unknown[]) => `${part} of ${texts.length}`;
  return [
    ["hits", of(counts.hits, result.should), "texts that should, and are above the threshold"],
    ["misses", of(counts.misses, result.should), "texts that should, and are not"],
    ["false alarms", of(counts.falseAlarms, result.shouldNot), "texts that should not, and are"],
    ["precision", shareWords(shares.precision), "hits / (hits + false alarms)"],
    ["recall", shareWords(shares.recall), "hits / (hits + misses)"],
    [
      "margin",
      margin === null ? "needs texts of both kinds" : marginWords(margin),
      "smallest activation of a text that should, less the largest of one that should not: above 0 some threshold tells all apart",
    ],
  ];
}

const marginWords = (margin: number): string =>
  margin === 0 ? "0" : `${margin > 0 ? "+" : ""}${activationWords(margin)}`;
