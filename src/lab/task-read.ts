/** The pairs of a task as the model reads them: tokens side by side, roles at tokens, and what keeps a pair from being run. */
import { bytesOfText, readable } from "../core/token-bytes.ts";
import {
  END,
  type ReadPair,
  type ReadPrompt,
  type RoleMark,
  type Task,
  type TaskPair,
} from "../core/task.ts";
import type { Gpt2Config } from "../core/types.ts";
import type { Tokenizer } from "../text/tokenizer.ts";

export interface TaskReader {
  tokenizer: Pick<Tokenizer, "encode" | "strings">;
  info: { config: Pick<Gpt2Config, "n_positions"> };
}

export const readTask = (model: TaskReader, { pairs, prependBos }: Task): ReadPair[] =>
  pairs.map((pair) => readPair(model, pair, prependBos));

export function readPair(model: TaskReader, pair: TaskPair, prependBos: boolean): ReadPair {
  const { tokenizer } = model;
  const read = (text: string): ReadPrompt => {
    const { ids } = tokenizer.encode(text, prependBos);
    return { ids, strings: tokenizer.strings(ids) };
  };
  const [clean, corrupted] = [read(pair.clean), read(pair.corrupted)];
  const tokens = (texts: readonly string[]) =>
    texts.map((text) => ({ text, ids: tokenizer.encode(text, false).ids }));
  const [answers, wrong] = [tokens(pair.answers), tokens(pair.wrong)];
  const single = (list: typeof answers) =>
    list.flatMap(({ ids }) => (ids.length === 1 ? [ids[0]!] : []));
  return {
    ...{ clean, corrupted, answers: single(answers), wrong: single(wrong) },
    roles: rolesOf(pair.roles, clean, prependBos),
    problem:
      promptProblem(pair, clean, corrupted, model.info.config.n_positions) ??
      answerProblem(tokenizer, answers, wrong),
  };
}

function promptProblem(
  texts: Pick<TaskPair, "clean" | "corrupted">,
  clean: ReadPrompt,
  corrupted: ReadPrompt,
  most: number,
): string | null {
  const [a, b] = [clean.ids, corrupted.ids];
  for (const [name, text] of [
    ["clean", texts.clean],
    ["corrupted", texts.corrupted],
  ] as const) {
    if (text === "") return `The ${name} prompt is empty: type some text.`;
  }
  if (Math.max(a.length, b.length) > most) {
    return `A prompt has ${Math.max(a.length, b.length)} tokens, this model reads ${most}: make it shorter.`;
  }
  if (a.length !== b.length) return lengthProblem(clean, corrupted);
  if (a.every((id, i) => id === b[i])) {
    return "Both prompts are the same, so nothing could change: write another corrupted one.";
  }
  return null;
}

/** Where two prompts stop to be the same length: what is left when equal tokens at both ends are taken away. */
function lengthProblem(clean: ReadPrompt, corrupted: ReadPrompt): string {
  const [a, b] = [clean.ids, corrupted.ids];
  let start = 0;
  while (start < Math.min(a.length, b.length) && a[start] === b[start]) start++;
  let end = 0;
  while (end < Math.min(a.length, b.length) - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  const part = ({ strings }: ReadPrompt) => strings.slice(start, strings.length - end);
  return (
    `The clean prompt has ${count(a.length, "token")}, the corrupted one ${b.length}: ` +
    `${words(part(clean))} against ${words(part(corrupted))}. Take words of as many tokens.`
  );
}

const count = (n: number, what: string) => `${n} ${what}${n === 1 ? "" : "s"}`;
/** “ Mary” (1 token) or “ Mari|anne” (2 tokens) */
const words = (tokens: readonly string[]): string => {
  const shown = tokens.slice(0, 12).map(readable).join("|");
  return `“${shown}${tokens.length > 12 ? "…" : ""}” (${count(tokens.length, "token")})`;
};

type Answer = { text: string; ids: readonly number[] };
function answerProblem(
  { strings }: TaskReader["tokenizer"],
  answers: readonly Answer[],
  wrong: readonly Answer[],
): string | null {
  if (answers.length === 0) return "There is no answer: give the token that should come next.";
  const several = [...answers, ...wrong].find(({ ids }) => ids.length !== 1);
  if (several) {
    const { text, ids } = several;
    return ids.length === 0
      ? "An answer is empty: type the token that should come next."
      : `The answer “${text}” is ${count(ids.length, "token")} (${strings(ids).map(readable).join("|")}); an answer is one token.`;
  }
  const both = answers.find(({ ids }) => wrong.some((other) => other.ids[0] === ids[0]));
  return both ? `“${both.text}” is among the answers and among the wrong ones.` : null;
}

/** Positions of the tokens that share a byte with each mark; marks of one name are one role. */
export function markedTokens(
  marks: readonly RoleMark[],
  { strings }: Pick<ReadPrompt, "strings">,
  prependBos: boolean,
): Map<string, Set<number>> {
  const ends: number[] = [];
  strings.forEach((token, i) => {
    const length = prependBos && i === 0 ? 0 : bytesOfText(token).length;
    ends.push((ends.at(-1) ?? 0) + length);
  });
  const text = readable(strings.slice(Number(prependBos)).join(""));
  const byte = (character: number) => bytesOfText(text.slice(0, character)).length;
  const found = new Map<string, Set<number>>();
  for (const { role, start, end } of marks) {
    const at = found.get(role) ?? new Set();
    const [from, to] = [byte(start), byte(end)];
    ends.forEach((last, i) => {
      const first = ends[i - 1] ?? 0;
      if (first < to && last > from) at.add(i);
    });
    if (at.size > 0) found.set(role, at);
  }
  return found;
}

/** Marked tokens by role; `END` is the last token. */
function rolesOf(
  marks: readonly RoleMark[],
  { ids, strings }: ReadPrompt,
  prependBos: boolean,
): ReadPair["roles"] {
  const found = markedTokens(marks, { strings }, prependBos);
  if (ids.length > 0) found.set(END, new Set([ids.length - 1]));
  return [...found]
    .map(([role, at]) => ({ role, at: [...at].sort((x, y) => x - y) }))
    .sort((x, y) => x.at[0]! - y.at[0]! || Number(x.role === END) - Number(y.role === END));
}
