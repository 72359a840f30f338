/**
 * A rule of tokens that says when a feature is active, from its strongest examples: on some tokens, on the token after one, or
 * on the token before one. No model is asked.
 */
import type { TokenRule } from "../core/feature-notes.ts";

export interface RuleExample {
  ids: ArrayLike<number>;
  activations: ArrayLike<number>;
}
/** A rule by token ids. */
export interface IdRule extends Omit<TokenRule, "tokens"> {
  ids: number[];
}

/** Tokens of a rule, at most. */
const MOST_TOKENS = 8;
/** A token of a rule must hold so much of the activation … */
const LEAST_SHARE = 0.03;
/** … and be met in so many examples: one alone may be chance. */
const LEAST_EXAMPLES = 2;
/** Beyond it no more tokens are taken. */
const ENOUGH = 0.9;
/** A rule that covers less is none. */
const LEAST_COVERAGE = 0.5;
/** Where the token stands that a rule names, from the one that is active. */
const OFFSET: Record<TokenRule["place"], number> = { on: 0, after: -1, before: 1 };

/**
 * For each place the tokens that hold most of the activation, the largest share first, until they hold 90 % of it, are 8, or the
 * next holds under 3 % or is met in one example alone. Coverage c = Σ f where the rule applies / Σ f, over the examples. Base
 * b = how often its tokens are met in the corpus. Of rules with c ≥ ½ the one with the largest gain is taken:
 * D(c ‖ b) = c log₂(c/b) + (1 − c) log₂((1 − c)/(1 − b)), the bits by which it tells the feature's activation from any text.
 * @param base share of a token id in the corpus, above 0
 * @returns null where no rule covers half of the activation
 */
export function tokenRule(
  examples: readonly RuleExample[],
  base: (id: number) => number,
): IdRule | null {
  const rules = (["on", "after", "before"] as const).flatMap((place) => {
    const rule = ruleAt(place, examples, base);
    return rule && rule.coverage >= LEAST_COVERAGE ? [{ rule, gain: ruleGain(rule) }] : [];
  });
  if (rules.length === 0) return null;
  return rules.reduce((best, next) => (next.gain > best.gain ? next : best)).rule;
}

/** D(c ‖ b) in bits; below 0 where the tokens are rarer in the examples than elsewhere. */
export function ruleGain({ coverage: c, base: b }: Pick<IdRule, "coverage" | "base">): number {
  const part = (p: number, q: number) => (p === 0 ? 0 : p * Math.log2(p / q));
  const gain = part(c, b) + part(1 - c, Math.max(1 - b, Number.MIN_VALUE));
  return c < b ? -gain : gain;
}

function ruleAt(
  place: TokenRule["place"],
  examples: readonly RuleExample[],
  base: (id: number) => number,
): IdRule | null {
  const found = new Map<number, { id: number; mass: number; examples: number; last: number }>();
  let total = 0;
  examples.forEach(({ ids, activations }, e) => {
    for (let t = 0; t < ids.length; t++) {
      const activation = activations[t]!;
      if (activation <= 0) continue;
      total += activation;
      const id = ids[t + OFFSET[place]];
      if (id === undefined) continue; // beyond the example: not known
      const known = found.get(id) ?? { id, mass: 0, examples: 0, last: -1 };
      known.mass += activation;
      if (known.last !== e) known.examples += 1;
      known.last = e;
      found.set(id, known);
    }
  });
  const ranked = [...found.values()]
    .filter(({ mass, examples: n }) => n >= LEAST_EXAMPLES && mass >= LEAST_SHARE * total)
    .sort((a, b) => b.mass - a.mass || a.id - b.id);
  const ids: number[] = [];
  let mass = 0;
  for (const token of ranked) {
    if (ids.length === MOST_TOKENS || mass >= ENOUGH * total) break;
    ids.push(token.id);
    mass += token.mass;
  }
  if (ids.length === 0) return null;
  const sum = ids.reduce((all, id) => all + base(id), 0);
  return { place, ids, coverage: Math.min(1, mass / total), base: Math.min(1, sum) };
}

/** Whether the rule applies at each token: the token itself, the one before it, or the one after it is named. */
export function ruleApplies(ids: ArrayLike<number>, { place, ids: named }: IdRule): boolean[] {
  return Array.from({ length: ids.length }, (_, t) => {
    const id = ids[t + OFFSET[place]];
    return id !== undefined && named.includes(id);
  });
}

/** Token strings as words to read: without their space; those that differ in case alone, or in it, once. */
export function ruleWords(tokens: readonly string[]): string[] {
  const words = new Map<string, string>();
  for (const token of tokens) {
    const word = shown(token);
    const key = word.toLowerCase();
    if (!words.has(key)) words.set(key, word);
  }
  return [...words.values()];
}

function shown(token: string): string {
  const marked = token.replaceAll("\n", "↵").replaceAll("\t", "⇥");
  const word = marked.trim();
  return word === "" ? marked.replaceAll(" ", "·") : word;
}

const SHARED = 3; // letters
const NAMED = 5; // words of a label

/** "on “Paris”, “Rome”"; words that begin or end alike are told by that. */
export function ruleText({ place, tokens }: Pick<TokenRule, "place" | "tokens">): string {
  const words = ruleWords(tokens);
  const lower = words.map((word) => word.toLowerCase());
  const prefix = lower.reduce(sharedPrefix);
  const suffix = reversed(lower.map(reversed).reduce(sharedPrefix));
  if (words.length > 2 && prefix.length >= SHARED) return `${place} words like “${prefix}…”`;
  if (words.length > 2 && suffix.length >= SHARED) return `${place} words like “…${suffix}”`;
  const named = words.slice(0, NAMED).map((word) => `“${word}”`);
  return `${place} ${named.join(", ")}${words.length > NAMED ? ", …" : ""}`;
}

/** "promotes “Paris”, “France”" */
export const promotedText = (tokens: readonly string[]): string =>
  `promotes ${ruleWords(tokens)
    .slice(0, NAMED - 1)
    .map((word) => `“${word}”`)
    .join(", ")}`;

function sharedPrefix(a: string, b: string): string {
  let n = 0;
  while (n < a.length && a[n] === b[n]) n += 1;
  return a.slice(0, n);
}
const reversed = (text: string) => Array.from(text).reverse().join("");
