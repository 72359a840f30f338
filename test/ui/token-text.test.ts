import { describe, expect, it } from "vitest";
import { isSpecial, tokenParts, tokenText } from "../../src/ui/token-text.ts";

describe("a token as it is shown", () => {
  it.each([
    [" Mary", "·Mary"],
    ["  ", "··"],
    ["\n\n", "↵↵"],
    ["a\tb", "a⇥b"],
    ["", "∅"],
    ["<|endoftext|>", "BOS"],
    ["\u200b", "∅"],
    ["é😀", "é😀"],
  ])("%j is %s", (token, text) => expect(tokenText(token)).toBe(text));

  it("keeps its marks apart from its letters, so that they can be drawn fainter", () => {
    expect(tokenParts(" a b")).toEqual([
      { text: "·", mark: true },
      { text: "a", mark: false },
      { text: "·", mark: true },
      { text: "b", mark: false },
    ]);
  });

  it("is special only by its whole form", () => {
    expect(isSpecial("<|endoftext|>")).toBe(true);
    expect(isSpecial("<|")).toBe(false);
  });
});
