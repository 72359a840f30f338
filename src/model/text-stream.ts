/** Text as it is generated: bytes of an unfinished character wait for the token that finishes it. */
import type { Tokenizer } from "../text/tokenizer.ts";

/** @returns given all tokens so far, the text added since the last call; `flush` gives out what would wait */
export function createTextStream(tokenizer: Pick<Tokenizer, "decode">) {
  let shown = 0;
  return (tokens: readonly number[], flush = false): string => {
    const text = tokenizer.decode(tokens);
    // An unfinished character at the end decodes to U+FFFD; what comes before it can no longer change.
    const end = flush ? text.length : text.replace(/\uFFFD+$/, "").length;
    const added = text.slice(shown, end);
    shown = Math.max(shown, end);
    return added;
  };
}
