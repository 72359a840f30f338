/**
 * Pairs out of cases that a model gets right and cases that it gets wrong: each wrong case is the corrupted prompt, beside the
 * right case that is most like it among those of as many tokens.
 */
import { cells, readAnswers } from "./task-table.ts";
import { LabError } from "./lab-error.ts";
import type { TaskPair } from "./task.ts";

export interface Case {
  prompt: string;
  /** What should come next. */
  answers: readonly string[];
  /** What the model says in its place; none: what it finds likeliest. */
  instead: readonly string[];
}

/** One case a line: prompt, what should come next, and if one likes what the model says instead. @throws LabError "bad-input" */
export function readCases(text: string, what: string): Case[] {
  const rows = cells(text).filter(({ row }) => row.some((cell) => cell.trim() !== ""));
  if (rows.length === 0) throw new LabError("bad-input", `there are no ${what} cases`);
  return rows.map(({ row: [prompt = "", answer = "", instead = ""], line }) => {
    const found = { prompt, answers: readAnswers(answer), instead: readAnswers(instead) };
    if (prompt.trim() === "" || found.answers.length === 0) {
      throw new LabError(
        "bad-input",
        `${what} cases, line ${line}: write the prompt, a tab, and what should come next`,
      );
    }
    return found;
  });
}

/**
 * The right case for each wrong one, by index; null where none is as long. One with the same answer is taken before another,
 * then the one with the most tokens in common at the same position.
 */
export function matchCases(
  right: readonly { ids: readonly number[]; answers: readonly string[] }[],
  wrong: readonly { ids: readonly number[]; answers: readonly string[] }[],
): (number | null)[] {
  return wrong.map(({ ids, answers }) => {
    const ranked = right
      .flatMap((one, index) => {
        const common = one.ids.filter((id, t) => id === ids[t]).length;
        if (one.ids.length !== ids.length || common === ids.length) return [];
        const same = Number(one.answers.some((answer) => answers.includes(answer)));
        return [{ index, common, same }];
      })
      .sort((a, b) => b.same - a.same || b.common - a.common || a.index - b.index);
    return ranked[0]?.index ?? null;
  });
}

/** The metric tells the right case's answer from what the model says in the wrong case. */
export const casePair = (right: Case, wrong: Case, says: readonly string[]): TaskPair => ({
  ...{ clean: right.prompt, corrupted: wrong.prompt, answers: right.answers },
  wrong: (wrong.instead.length > 0 ? wrong.instead : says).filter(
    (token) => !right.answers.includes(token),
  ),
  roles: [],
});
