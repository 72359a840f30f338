/** Roles marked by hand: the characters that a token stands for. */
import { joinTokens, readable } from "./token-bytes.ts";
import type { RoleMark, TaskPair } from "./task.ts";

/** A token's characters in its prompt, without the space before a word; null for BOS. */
export function tokenSpan(
  strings: readonly string[],
  prependBos: boolean,
  position: number,
): Pick<RoleMark, "start" | "end"> | null {
  const first = Number(prependBos);
  if (position < first || position >= strings.length) return null;
  const length = (end: number) => readable(joinTokens(strings.slice(first, end))).length;
  const [start, end] = [length(position), length(position + 1)];
  const leading = /^ ./.test(strings[position]!) ? 1 : 0;
  return { start: start + leading, end: Math.max(end, start + leading + 1) };
}

/** The pair with the role at a token, in place of the token's own; "" takes it away. */
export function withRole(
  pair: TaskPair,
  strings: readonly string[],
  prependBos: boolean,
  position: number,
  role: string,
): TaskPair {
  const span = tokenSpan(strings, prependBos, position);
  if (!span || span.end > pair.clean.length) return pair;
  const others = pair.roles.filter(({ start, end }) => end <= span.start || start >= span.end);
  const name = role.trim().slice(0, 20);
  return { ...pair, roles: name === "" ? others : [...others, { role: name, ...span }] };
}
