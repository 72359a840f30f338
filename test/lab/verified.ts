/** What the tests of a circuit tell as they go, to the end. */
import { expect } from "vitest";
import type { VerifyAnswer, VerifyFinding, VerifyProgress } from "../../src/core/verify.ts";

interface Context {
  signal: AbortSignal;
  progress: (told: VerifyProgress) => void;
}

/** All that is found; the runs that are told of are those that were made. */
export async function verified<M, Q>(
  verify: (model: M, question: Q, context: Context) => Promise<VerifyAnswer>,
  model: M,
  question: Q,
): Promise<VerifyFinding[]> {
  const found: VerifyFinding[] = [];
  let last = { done: 0, total: 0 };
  const answer = await verify(model, question, {
    signal: new AbortController().signal,
    progress: (told) => {
      expect(told.done).toBeLessThanOrEqual(told.total);
      found.push(...told.found);
      last = told;
    },
  });
  expect(last.done).toBe(answer.runs);
  return found;
}

export const only = <K extends VerifyFinding["kind"]>(found: readonly VerifyFinding[], kind: K) =>
  found.filter((one): one is Extract<VerifyFinding, { kind: K }> => one.kind === kind);
