/**
 * How well a yes or no agrees with whether a feature is active. Positive cases are those where it is. All are shares, 0 … 1,
 * and null where they are 0/0: a share of nothing is not 0.
 */
import type { Confusion } from "../core/feature-notes.ts";
import { LabError } from "../core/lab-error.ts";

export const NO_CASES: Confusion = { hits: 0, misses: 0, falseAlarms: 0, rejections: 0 };

const share = (part: number, rest: number): number | null =>
  part + rest === 0 ? null : part / (part + rest);

/** hits / (hits + misses): of the cases where it is active, those that were told. */
export const recall = ({ hits, misses }: Confusion) => share(hits, misses);

/** hits / (hits + false alarms): of the cases that were told, those where it is active. */
export const precision = ({ hits, falseAlarms }: Confusion) => share(hits, falseAlarms);

/** rejections / (rejections + false alarms): of the cases where it is not active, those that were left out. */
export const specificity = ({ rejections, falseAlarms }: Confusion) =>
  share(rejections, falseAlarms);

/**
 * (recall + specificity) / 2: 1 is perfect, ½ what any answer gets that does not depend on the case, whatever the numbers of
 * active and inactive cases. Detection and fuzzing scores are told so: Paulo et al. 2024, arXiv:2410.13928, and EleutherAI's
 * Delphi ("class-balanced accuracy").
 */
export function balancedAccuracy(counts: Confusion): number | null {
  const [positive, negative] = [recall(counts), specificity(counts)];
  return positive === null || negative === null ? null : (positive + negative) / 2;
}

/** @param truth whether it is active; `told` whether it was said to be, null where that could not be read */
export function confusionOf(
  truth: readonly boolean[],
  told: readonly (boolean | null)[],
): { counts: Confusion; unread: number } {
  if (truth.length !== told.length) {
    throw new LabError("shape", `${told.length} answers for ${truth.length} cases`);
  }
  const count = (active: boolean, said: boolean | null) =>
    truth.filter((t, i) => t === active && told[i] === said).length;
  return {
    counts: {
      ...{ hits: count(true, true), misses: count(true, false) },
      ...{ falseAlarms: count(false, true), rejections: count(false, false) },
    },
    unread: told.filter((said) => said === null).length,
  };
}

/** Texts that should be above the threshold, and texts that should not: above is "active", equal is not. */
export function confusionAt(
  should: readonly number[],
  shouldNot: readonly number[],
  threshold: number,
): Confusion {
  const above = (values: readonly number[]) => values.filter((v) => v > threshold).length;
  const [hits, falseAlarms] = [above(should), above(shouldNot)];
  return {
    ...{ hits, falseAlarms },
    ...{ misses: should.length - hits, rejections: shouldNot.length - falseAlarms },
  };
}

/**
 * min over the texts that should − max over those that should not, in units of activation: above 0 some threshold tells all of
 * them apart. Null while either list is empty.
 */
export const firingMargin = (
  should: readonly number[],
  shouldNot: readonly number[],
): number | null =>
  should.length === 0 || shouldNot.length === 0
    ? null
    : Math.min(...should) - Math.max(...shouldNot);
