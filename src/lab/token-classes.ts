/** Which classes a token belongs to, told by its text alone. */
import type { TokenClass } from "../core/sae-report.ts";

const PRONOUNS = new Set(
  "i you he she it we they me him her us them my your his its our their mine yours hers ours theirs myself yourself himself herself itself ourselves themselves".split(
    " ",
  ),
);

const TESTS: Record<TokenClass, (text: string) => boolean> = {
  "begins a word": (text) => /^[ \n]\p{L}/u.test(text),
  capitalised: (text) => /^\s?\p{Lu}/u.test(text),
  punctuation: (text) => /^\s?[\p{P}\p{S}]+$/u.test(text),
  digit: (text) => /\d/.test(text),
  pronoun: (text) => PRONOUNS.has(text.trim().toLowerCase()),
  "ends in -ed or -ing": (text) => /\p{L}{2,}(ed|ing)$/u.test(text),
};

/** @param text the token, its leading space with it */
export const isOfClass = (text: string, name: TokenClass): boolean => TESTS[name](text);
