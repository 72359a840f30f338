import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Gpt2Config } from "../../src/core/types.ts";
import { viewLimit } from "../../src/core/view-limit.ts";
import { readPrompt, tokenize } from "../../src/lab/read-prompt.ts";
import { createTokenizer } from "../../src/text/tokenizer.ts";
import { EMBEDDED } from "../model/node-engine.ts";

const read = (file: string) => readFileSync(new URL(file, EMBEDDED), "utf8");
const files = { json: read("tokenizer.json"), config: read("tokenizer_config.json") };
const [vocab_size, n_positions, bos] = [8192, 256, 8191];
const model = {
  tokenizer: createTokenizer(files, bos, vocab_size),
  info: { config: { vocab_size, n_positions } },
};
const text = (value: string, prependBos = true) => ({ text: value, prependBos });

describe("a prompt", () => {
  it("is read with its strings", () => {
    expect(readPrompt(model, text("The cat"))).toEqual({
      ids: [bos, ...model.tokenizer.encode("The cat", false).ids],
      strings: ["<|endoftext|>", "The", " cat"],
      truncatedFrom: null,
      warnings: [],
    });
  });
  it("that is empty is its beginning alone, and without that refused", () => {
    expect(readPrompt(model, text("")).ids).toEqual([bos]);
    expect(tokenize(model, text("", false)).ids).toEqual([]);
    expect(() => readPrompt(model, text("", false))).toThrow(/the prompt is empty/);
    expect(() => readPrompt(model, { ids: [] })).toThrow(/the prompt is empty/);
  });
  it("of white space is what it says", () => {
    expect(readPrompt(model, text(" \n", false)).strings.join("")).toBe(" \n");
  });
  it("longer than the context is cut, and says how long it was", () => {
    const long = text("word ".repeat(20_000));
    const { ids, strings, truncatedFrom } = readPrompt(model, long);
    expect(ids).toHaveLength(n_positions);
    expect(strings).toHaveLength(n_positions);
    expect(truncatedFrom).toBe(model.tokenizer.encode(long.text, true).ids.length);
    const exact = Array<number>(n_positions).fill(5);
    expect(readPrompt(model, { ids: exact }).truncatedFrom).toBeNull();
    expect(readPrompt(model, { ids: [...exact, 6] })).toMatchObject({
      ids: exact,
      truncatedFrom: 257,
    });
  });
  it("is cut to what a view of all patterns has room for", () => {
    const gpt2 = { ...model.info.config, n_layer: 12, n_head: 12, n_positions: 1024 } as Gpt2Config;
    expect(viewLimit(gpt2)).toBe(682); // 4 · 144 · 682² < 2^28 < 4 · 144 · 683²
    expect(viewLimit({ ...gpt2, n_layer: 4, n_head: 6, n_positions: 256 })).toBe(256);
    expect(readPrompt(model, { ids: [1, 2, 3] }, 2)).toMatchObject({
      ids: [1, 2],
      truncatedFrom: 3,
    });
  });
  it("passes on what the tokenizer warns of", () => {
    expect(readPrompt(model, text("a\uD83D")).warnings).toEqual([
      expect.stringContaining("surrogate"),
    ]);
  });
  it.each([[8192], [-1], [2.5], [NaN]])("with the id %d is refused", (id) => {
    expect(() => readPrompt(model, { ids: [1, id] })).toThrow(
      `${id} is no token id; this model has 0 … 8191`,
    );
  });
});
