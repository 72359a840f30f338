import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  checkTokenizer,
  DEFAULT_TOKENIZER_CONFIG,
  tokenizerFromBpe,
} from "../../src/model/tokenizer-files.ts";
import { createTokenizer } from "../../src/text/tokenizer.ts";
import { generatedTokenizer } from "../fixtures/gpt2-weights.mjs";

const read = (name: string) =>
  readFileSync(new URL(`../../public/models/tinylab-gpt2-4l/${name}`, import.meta.url), "utf8");

describe("checkTokenizer", () => {
  const json = JSON.stringify(generatedTokenizer(600));

  it("hands on the files as they are, with a default for the optional one", () => {
    expect(checkTokenizer(json, '{"a":1}', 600)).toEqual({ json, config: '{"a":1}' });
    expect(checkTokenizer(json, null, 601).config).toBe(DEFAULT_TOKENIZER_CONFIG);
  });

  it.each([
    [
      "a tokenizer with more tokens than the model",
      json,
      599,
      /ids up to 599, but the model only 599/,
    ],
    ["text that is no JSON", "oops", 600, /tokenizer\.json is no JSON/],
    ["JSON that is no tokenizer", '{"model":{}}', 600, /has no model\.vocab/],
    ["an empty vocabulary", '{"model":{"vocab":{}}}', 600, /empty vocabulary/],
    ["an id that is none", '{"model":{"vocab":{"a":-1}}}', 600, /gives "a" the id -1/],
  ])("refuses %s", (_, text, vocabSize, message) => {
    expect(() => checkTokenizer(text, null, vocabSize)).toThrow(message);
  });

  it("refuses a broken tokenizer_config.json", () => {
    expect(() => checkTokenizer(json, "[]", 600)).toThrow(
      /tokenizer_config\.json is no JSON object/,
    );
  });

  it("accepts a vocabulary in a list, as Unigram has it", () => {
    const unigram = JSON.stringify({
      model: {
        type: "Unigram",
        vocab: [
          ["a", -1],
          ["b", -2],
        ],
      },
    });
    expect(checkTokenizer(unigram, null, 2).json).toBe(unigram);
    expect(() => checkTokenizer(unigram, null, 1)).toThrow(/ids up to 1/);
  });
});

describe("tokenizerFromBpe", () => {
  it("reads text like the tokenizer.json of the same model", () => {
    const config = read("tokenizer_config.json");
    const made = tokenizerFromBpe(read("vocab.json"), read("merges.txt"));
    const bos = (JSON.parse(read("vocab.json")) as Record<string, number>)["<|endoftext|>"]!;
    const ours = createTokenizer({ json: made, config: DEFAULT_TOKENIZER_CONFIG }, bos);
    const theirs = createTokenizer({ json: read("tokenizer.json"), config }, bos);
    for (const text of [
      "When Mary and John went to the store",
      "  two  spaces\n\n\tand it's 1234 5 -- naïve 🙂 שלום",
      "<|endoftext|> in text",
    ]) {
      expect(ours.encode(text, true)).toEqual(theirs.encode(text, true));
      expect(ours.decode(ours.encode(text, false).ids)).toBe(text);
    }
  });

  it("skips the version line and blank lines of merges.txt", () => {
    const made = JSON.parse(
      tokenizerFromBpe('{"a":0,"b":1,"ab":2}', "#version: 0.2\r\na b\r\n\r\n"),
    );
    expect(made.model.merges).toEqual(["a b"]);
    expect(made.added_tokens).toEqual([]);
  });
});
