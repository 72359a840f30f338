/** How a token is written so that its invisible parts can be seen: · for a space, ↵ for a line break, ⇥ for a tab. */

export interface TokenPart {
  text: string;
  /** A stand-in for something invisible, drawn fainter. */
  mark: boolean;
}
const MARKS: Readonly<Record<string, string>> = {
  " ": "·",
  "\n": "↵",
  "\r": "␍",
  "\t": "⇥",
  "\u00a0": "⍽",
  "\u00ad": "‐",
  "\u200b": "∅",
  "\ufeff": "∅",
};

/** `<|endoftext|>` is the only special token of GPT-2. */
export const isSpecial = (token: string): boolean => /^<\|.+\|>$/.test(token);

export function tokenParts(token: string): TokenPart[] {
  if (token === "") return [{ text: "∅", mark: true }];
  if (isSpecial(token)) return [{ text: token === "<|endoftext|>" ? "BOS" : token, mark: false }];
  const parts: TokenPart[] = [];
  for (const char of token) {
    const mark = MARKS[char];
    const last = parts.at(-1);
    if (last?.mark === (mark !== undefined)) last.text += mark ?? char;
    else parts.push({ text: mark ?? char, mark: mark !== undefined });
  }
  return parts;
}

/** The same as one string, for axis labels, read-outs and names. */
export const tokenText = (token: string): string =>
  tokenParts(token)
    .map(({ text }) => text)
    .join("");
