import { describe, expect, it } from "vitest";
import { isSpecial, tokenLabel, tokenLabels, tokenText } from "../../src/ui/token-text.ts";

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
    expect(tokenLabel(" a b").parts).toEqual([
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

describe("a token that holds part of a character", () => {
  // GPT-2 writes " 😀" (20 F0 9F 98 80) as " \xf0\x9f", "\x98", "\x80", and 語 (E8 AA 9E) as "\xe8\xaa", "\x9e".
  const emoji = [" \udcf0\udc9f", "\udc98", "\udc80", "!"];

  it("shows the whole character and which part it is, beside the others", () => {
    expect(tokenLabels(emoji).map(({ text }) => text)).toEqual(["·😀¹⁄₃", "😀²⁄₃", "😀³⁄₃", "!"]);
    expect(tokenLabels(emoji).map(({ joinsNext }) => joinsNext)).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(tokenLabels(emoji)[1]!.parts).toEqual([
      { text: "😀", mark: false, again: true },
      { text: "²⁄₃", mark: true },
    ]);
  });

  it("says its bytes", () => {
    expect(tokenLabels(emoji)[0]!.name).toBe("·, part 1 of 3 of 😀, bytes F0 9F");
    expect(tokenLabels(emoji)[1]!.detail).toBe("part 2 of 3 of 😀, byte 98");
    expect(tokenLabels(emoji)[3]!.detail).toBeNull();
  });

  it("may end one character and begin the next", () => {
    const labels = tokenLabels(["\udce8\udcaa", "\udc9e\udce8", "\udcaa\udc9e"]);
    expect(labels.map(({ text }) => text)).toEqual(["語¹⁄₂", "語²⁄₂語¹⁄₂", "語²⁄₂"]);
  });

  it("shows its bytes where there is no character to be had", () => {
    expect(tokenText("\udcf0\udc9f")).toBe("‹F0 9F›");
    expect(tokenLabels(["\udce8\udcaa", "a", "b\udcff"]).map(({ text }) => text)).toEqual([
      "‹E8 AA›",
      "a",
      "b‹FF›",
    ]);
    expect(tokenLabel("\udc9e").name).toBe("byte 9E, no character alone");
  });
});
