/** From a measured deviation, or from an error, to one line of the self-check's report. */
import { toLabError } from "../core/lab-error.ts";
import type { CheckResult } from "../core/self-check.ts";
import { type Pair, worstDeviation } from "../math/deviation.ts";

export interface CheckName {
  id: string;
  group: CheckResult["group"];
  what: string;
}

/** @param tolerance relative to each pair's scale */
export function compared(
  { id, group, what }: CheckName,
  pairs: Iterable<Pair>,
  tolerance: number,
  note: string | null = null,
): CheckResult {
  const { pass, ...deviation } = worstDeviation(pairs, tolerance);
  return { id, group, what, ...deviation, status: pass ? "pass" : "fail", note };
}

/** For what is no number: a set of heads, say. */
export function equalWords(name: CheckName, expected: string, found: string): CheckResult {
  return {
    ...{ id: name.id, group: name.group, what: name.what, expected, found },
    ...{ difference: null, tolerance: null, where: null, compared: 1 },
    status: expected === found ? "pass" : "fail",
    note: null,
  };
}

/** A check that could not be made. */
export function notMade({ id, group, what }: CheckName, reason: unknown): CheckResult {
  return {
    ...{ id, group, what, expected: null, found: null, difference: null, tolerance: null },
    ...{ where: null, compared: 0, status: "error", note: toLabError(reason).message },
  };
}
