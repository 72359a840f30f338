/** A hypothesis test before it is run: what is asked, when an answer is still one to it, and a test to begin with. */
import type { HypothesisTest, TestResult, TestThreshold } from "./feature-notes.ts";

/** The feature is active at all. */
export const DEFAULT_THRESHOLD: TestThreshold = { kind: "activation", value: 0 };

/** @param max the feature's largest activation in the corpus */
export const thresholdAt = ({ kind, value }: TestThreshold, max: number): number =>
  kind === "share" ? value * max : value;

/** The result, if it is of these very texts, this threshold and this model. */
export function currentResult(
  { should, shouldNot, result }: HypothesisTest,
  now: { threshold: number; modelId: string },
): TestResult | null {
  if (result?.modelId !== now.modelId || result.threshold !== now.threshold) return null;
  const tested = same(result.should, should) && same(result.shouldNot, shouldNot);
  return tested ? result : null;
}
const same = (tested: TestResult["should"], texts: readonly string[]): boolean =>
  tested.length === texts.length && tested.every(({ text }, i) => text === texts[i]);

export interface TestTemplate {
  name: string;
  statement: string;
  should: readonly string[];
  shouldNot: readonly string[];
}

/**
 * The textbook's exercise: is a feature about the city of Paris, or about capitals, landmarks, or the word? Each kind of text
 * that should not is there several times, so that one accident does not decide.
 */
export const PARIS_TEST: TestTemplate = {
  name: "Paris",
  statement: "the city of Paris",
  should: [
    "She has lived in Paris for ten years.",
    "The Louvre is the largest museum in Paris.",
    "They took the night train to Paris.",
    "Paris lies on the river Seine.",
    "The Eiffel Tower stands in Paris.",
  ],
  shouldNot: [
    "She has lived in London for ten years.",
    "They took the night train to Rome.",
    "Berlin is the capital of Germany.",
    "Madrid lies in the middle of Spain.",
    "The Colosseum is the most famous ruin in the city.",
    "Big Ben was silent for several years.",
    "The Statue of Liberty looks out over the harbour.",
    "Paris Hilton launched a new perfume.",
    "The interview with Paris Hilton was on television.",
    "He moved to Paris, Texas, for the job.",
  ],
};
