/** A text that has to be one token. */
import { LabError } from "../core/lab-error.ts";
import { readable } from "../core/token-bytes.ts";
import type { Tokenizer } from "./tokenizer.ts";

/**
 * @throws LabError "bad-input" for a text that is not one token: it says into which the text falls, and whether it is one
 * with a space before it, as words inside a text are
 */
export function singleToken(
  tokenizer: Pick<Tokenizer, "encode" | "strings">,
  text: string,
): number {
  const { ids } = tokenizer.encode(text, false);
  if (ids.length === 1) return ids[0]!;
  const parts = tokenizer.strings(ids).map((part) => JSON.stringify(readable(part)));
  const spaced = !text.startsWith(" ") && tokenizer.encode(` ${text}`, false).ids.length === 1;
  throw new LabError(
    "bad-input",
    `"${text}" is ${ids.length} tokens${parts.length > 0 ? ` (${parts.join(", ")})` : ""}, not one` +
      (spaced && text !== "" ? `; " ${text}", with a space before it, is one` : ""),
  );
}
