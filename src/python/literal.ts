/** Values as Python writes them. */

/**
 * A string literal in double quotes. What is no plain character (controls, line separators, halves of surrogate pairs,
 * marks that turn the direction of writing) is escaped, so that the text can be seen and copied.
 */
export function pyString(text: string): string {
  const escaped = text.replace(/["\\\p{C}\p{Zl}\p{Zp}]/gu, (character) => {
    const short = SHORT[character];
    if (short !== undefined) return short;
    const code = character.codePointAt(0)!;
    if (code > 0xffff) return `\\U${code.toString(16).padStart(8, "0")}`;
    return code > 0xff
      ? `\\u${code.toString(16).padStart(4, "0")}`
      : `\\x${code.toString(16).padStart(2, "0")}`;
  });
  return `"${escaped}"`;
}
const SHORT: Record<string, string> = {
  '"': '\\"',
  "\\": "\\\\",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

/** A float or int literal that reads back as the same float64. @param value finite */
export function pyNumber(value: number): string {
  return String(value).replace("e+", "e");
}

export const pyBool = (value: boolean): string => (value ? "True" : "False");

export const pyList = (items: readonly (string | number)[]): string =>
  `[${items.map((item) => (typeof item === "number" ? pyNumber(item) : pyString(item))).join(", ")}]`;

/** Text for a comment: on one line. */
export const onOneLine = (text: string): string => text.replace(/[\s\p{C}]+/gu, " ").trim();

export const indented = (lines: readonly string[]): string[] =>
  lines.map((line) => (line === "" ? "" : `    ${line}`));
