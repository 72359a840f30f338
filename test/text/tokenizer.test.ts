/** Ids as Hugging Face's own tokenizer gave them; round trips; text that is hostile, or long. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { joinTokens, readable } from "../../src/core/token-bytes.ts";
import { createTokenizer } from "../../src/text/tokenizer.ts";

const model = new URL("../../public/models/tinylab-gpt2-4l/", import.meta.url);
const read = (file: string) => readFileSync(new URL(file, model), "utf8");
const files = { json: read("tokenizer.json"), config: read("tokenizer_config.json") };
const BOS = 8191;
const tokenizer = createTokenizer(files, BOS);
const fixture = new URL("../fixtures/tinylab-gpt2-4l/reference.json", import.meta.url);
const { prompts } = JSON.parse(readFileSync(fixture, "utf8")) as {
  prompts: { name: string; text: string; input_ids: number[]; tokens: string[] }[];
};

describe.each(prompts)("reference prompt $name", ({ text, input_ids, tokens }) => {
  it("has the reference's ids and strings", () => {
    expect(tokenizer.encode(text, false)).toEqual({ ids: input_ids, warnings: [] });
    expect(tokenizer.encode(text, true).ids).toEqual([BOS, ...input_ids]);
    expect(tokenizer.strings(input_ids)).toEqual(tokens);
    expect(tokenizer.decode(input_ids)).toBe(text);
  });
});

describe("round trips", () => {
  it.each([
    ["emoji with joiners and skin", "👩🏽‍🔬🏳️‍🌈 ok 🙂🙂"],
    ["right to left, with marks", "שָׁלוֹם עולם — مرحبا بالعالم"],
    ["CJK and combining marks", "日本語 e\u0301 क्षि"],
    ["white space of every kind", " \t\n\r\n\u00A0\u2003\u200B  x \n"],
    ["controls and NUL", "a\u0000b\u0007\u001B[0m\u007F\uFEFF"],
    ["private use and the last code point", "\uE000\u{10FFFF}\uFFFD"],
    ["a contraction and digits", "we'll pay $1,234.50 for it, won't WE'LL?"],
  ])("%s", (_, text) => {
    const { ids, warnings } = tokenizer.encode(text, false);
    expect(warnings).toEqual([]);
    expect(tokenizer.decode(ids)).toBe(text);
    expect(tokenizer.strings(ids)).toHaveLength(ids.length);
  });
  it("of any well-formed text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 60 }), (text) => {
        expect(tokenizer.decode(tokenizer.encode(text, false).ids)).toBe(text);
      }),
      { numRuns: 500 },
    );
  });
  it("of any text whatever: its lone surrogates are U+FFFD, and said so", () => {
    const units = fc.array(
      fc.oneof(fc.integer({ min: 0xd7fe, max: 0xe001 }), fc.integer({ max: 0x7f, min: 0x20 })),
    );
    fc.assert(
      fc.property(units, (codes) => {
        const text = String.fromCharCode(...codes);
        const clean = new TextDecoder("utf-8", { ignoreBOM: true }).decode(
          new TextEncoder().encode(text),
        );
        const { ids, warnings } = tokenizer.encode(text, false);
        expect(tokenizer.decode(ids)).toBe(clean);
        expect(warnings).toHaveLength(clean === text ? 0 : 1);
      }),
    );
  });
});

it("says how many halves of surrogate pairs it replaced", () => {
  expect(tokenizer.encode("a\uD83D", false).warnings).toEqual([
    "half of a surrogate pair was read as \uFFFD",
  ]);
  expect(tokenizer.encode("\uDE42\uD83D", false).warnings[0]).toMatch(/^2 halves/);
  expect(tokenizer.encode("🙂", false).warnings).toEqual([]);
});

it("keeps the bytes of a token that is part of a character", () => {
  const { ids } = tokenizer.encode("🙂", false);
  expect(ids.length).toBeGreaterThan(1);
  const strings = tokenizer.strings(ids);
  for (const string of strings) expect(readable(string)).toMatch(/\uFFFD/);
  expect(joinTokens(strings)).toBe("🙂");
  expect(tokenizer.decode(ids)).toBe("🙂");
});

it("has nothing for no text, and the beginning alone with it", () => {
  expect(tokenizer.encode("", false).ids).toEqual([]);
  expect(tokenizer.encode("", true).ids).toEqual([BOS]);
  expect(tokenizer.decode([])).toBe("");
  expect(tokenizer.strings([BOS])).toEqual(["<|endoftext|>"]);
});

it.each([
  ["prose", "It was the best of times, it was the worst of times. ".repeat(1900)],
  ["one word", "a".repeat(100_000)],
  ["emoji", "🙂".repeat(50_000)],
  ["spaces", " ".repeat(100_000)],
  ["digits", "0123456789".repeat(10_000)],
])("reads a paste of 100 kB of %s within five seconds", (_, text) => {
  const start = performance.now();
  const { ids } = tokenizer.encode(text, true);
  const ms = performance.now() - start;
  expect(tokenizer.decode(ids.slice(1))).toBe(text);
  expect(ms).toBeLessThan(5000);
});

it("shows a row of the embedding without a token by its number", () => {
  const padded = createTokenizer(files, BOS, 8256);
  expect(padded.strings([8200])).toEqual(["[8200]"]);
  expect(padded.decode([8200])).toBe("[8200]");
  expect(() => padded.strings([8256])).toThrow(/8256 is no token id/);
});

it("refuses an id that is no token, and files that are no tokenizer", () => {
  expect(() => tokenizer.strings([9000])).toThrow(/9000 is no token id/);
  expect(() => tokenizer.decode([-1])).toThrow(/-1 is no token id/);
  expect(() => createTokenizer({ json: "{", config: "{}" }, 0)).toThrow(
    /tokenizer.json cannot be read/,
  );
  expect(() => createTokenizer({ json: "{}", config: "{}" }, 0)).toThrow(
    /tokenizer.json cannot be read/,
  );
});
