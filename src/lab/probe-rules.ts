/**
 * What a rule says of each token of a text. Tokens by their own text (`token-classes.ts`), by their neighbours, or by what came
 * before, in the context. Nothing is said of BOS, at the beginning or between documents; null, too, where the rule has nothing to go by.
 */
import { NUMBER_RULES, type NumberRule, type ProbeRule, type TokenRule } from "../core/probe.ts";
import { TOKEN_CLASSES } from "../core/sae-report.ts";
import { BLAME, DISLIKED, LIKED, PRAISE } from "../core/task-words.ts";
import { readable } from "../core/token-bytes.ts";
import { isOfClass } from "./token-classes.ts";

/** Names of the two classes; the first is of tokens that the rule does not hold for. */
export const RULE_CLASSES: Readonly<Record<TokenRule, readonly [string, string]>> = {
  "begins a word": ["within", "begins a word"],
  capitalised: ["other", "capitalised"],
  punctuation: ["other", "punctuation"],
  digit: ["other", "digit"],
  pronoun: ["other", "pronoun"],
  "ends in -ed or -ing": ["other", "-ed or -ing"],
  "next is capitalised": ["next is not", "next is capitalised"],
  "next is punctuation": ["next is not", "next is punctuation"],
  "seen before": ["new", "seen before"],
  "pair seen before": ["new pair", "pair seen before"],
  "praise or blame": ["blame", "praise"],
  "odd position": ["even", "odd"],
};
export const isNumberRule = (rule: ProbeRule): rule is NumberRule =>
  NUMBER_RULES.some((name) => name === rule);

const words = (lists: readonly (readonly (readonly string[])[])[]) =>
  new Set(lists.flat().map(([word]) => word!));
const GOOD = words([PRAISE, LIKED]);
const BAD = words([BLAME, DISLIKED]);

/** @param ids BOS first @param strings token strings @returns a class's index or a number for each token; null: not labelled */
export function labelsByRule(
  rule: ProbeRule,
  ids: readonly number[],
  strings: readonly string[],
): (number | null)[] {
  const text = strings.map(readable);
  const label = labeller(rule, ids, text);
  return ids.map((_, t) => (ids[t] === ids[0] ? null : label(t)));
}

function labeller(
  rule: ProbeRule,
  ids: readonly number[],
  text: readonly string[],
): (t: number) => number | null {
  const own = TOKEN_CLASSES.find((name) => name === rule);
  if (own) return (t) => Number(isOfClass(text[t]!, own));
  const next = (name: "capitalised" | "punctuation") => (t: number) =>
    t + 1 < ids.length ? Number(isOfClass(text[t + 1]!, name)) : null;
  switch (rule as Exclude<ProbeRule, (typeof TOKEN_CLASSES)[number]>) {
    case "next is capitalised":
      return next("capitalised");
    case "next is punctuation":
      return next("punctuation");
    case "seen before": {
      const first = firstPlaces(ids.map(String));
      return (t) => Number(first[t]! < t);
    }
    case "pair seen before": {
      const first = firstPlaces(ids.map((id, t) => `${ids[t - 1] ?? -1} ${id}`));
      return (t) => (t < 2 ? null : Number(first[t]! < t));
    }
    case "praise or blame":
      return (t) => {
        const word = text[t]!.trim().toLowerCase();
        return GOOD.has(word) ? 1 : BAD.has(word) ? 0 : null;
      };
    case "odd position":
      return (t) => t % 2;
    case "position":
      return (t) => t;
    case "characters":
      return (t) => Array.from(text[t]!).length;
    case "since punctuation": {
      let last = 0;
      const since = text.map((token, t) => {
        const distance = t - last;
        if (isOfClass(token, "punctuation")) last = t;
        return distance;
      });
      return (t) => since[t]!;
    }
  }
}

/** Where each is for the first time. */
function firstPlaces(keys: readonly string[]): number[] {
  const first = new Map<string, number>();
  return keys.map((key, t) => {
    const at = first.get(key);
    if (at === undefined) first.set(key, t);
    return at ?? t;
  });
}
