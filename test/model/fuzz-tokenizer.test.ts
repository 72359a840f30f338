/** Tokenizer files, damaged: they are refused in words, or make a tokenizer that reads and writes text. */
import { expect, it } from "vitest";
import { LabError } from "../../src/core/lab-error.ts";
import { checkTokenizer, tokenizerFromBpe } from "../../src/model/tokenizer-files.ts";
import { createTokenizer } from "../../src/text/tokenizer.ts";
import { generatedTokenizer } from "../fixtures/gpt2-weights.mjs";
import { fuzz, mutateBytes, mutateJson } from "../fuzz/mutate.ts";

const VOCABULARY = 300;
const whole = generatedTokenizer(VOCABULARY) as {
  model: { vocab: Record<string, number>; merges: string[] };
};
const settings = { tokenizer_class: "GPT2Tokenizer", model_max_length: 64 };
const text = "Ünder the tree, twice\n";

/** What a lab does with the files: it makes a tokenizer, reads a text, and shows the tokens. */
function use(json: string, config: string | null) {
  const tokenizer = createTokenizer(checkTokenizer(json, config, VOCABULARY), 0, VOCABULARY);
  try {
    const { ids } = tokenizer.encode(text, true);
    expect(tokenizer.strings(ids)).toHaveLength(ids.length);
    return tokenizer.decode(ids);
  } catch (e) {
    // A vocabulary with a hole can be told only by the token that is missing from it.
    if (e instanceof LabError) throw new LabError("bad-file", e.message);
    throw e;
  }
}

it("the sound files read and write the text", () => {
  expect(use(JSON.stringify(whole), JSON.stringify(settings))).toContain(text);
  const fromBpe = tokenizerFromBpe(
    JSON.stringify(whole.model.vocab),
    `#version: 0.2\n${whole.model.merges.join("\n")}\n`,
  );
  expect(use(fromBpe, null)).toContain(text);
});

/** The parts that a damage should hit; the vocabulary alone would take nearly all of them. */
const small = {
  ...whole,
  model: {
    ...whole.model,
    vocab: Object.fromEntries(Object.entries(whole.model.vocab).slice(0, 12)),
    merges: whole.model.merges.slice(0, 5),
  },
};

it("spoilt tokenizer.json", () => {
  fuzz(1000, 31, (random) => void use(mutateJson(small, random), null));
});

it("damaged bytes of tokenizer.json", () => {
  const bytes = new TextEncoder().encode(JSON.stringify(whole));
  fuzz(500, 32, (random) => {
    use(new TextDecoder().decode(mutateBytes(bytes, random)), null);
  });
});

it("spoilt tokenizer_config.json", () => {
  const json = JSON.stringify(whole);
  fuzz(300, 33, (random) => void use(json, mutateJson(settings, random)));
});

it("spoilt vocab.json and merges.txt", () => {
  const merges = new TextEncoder().encode(`#version: 0.2\n${whole.model.merges.join("\n")}\n`);
  fuzz(500, 34, (random) => {
    const vocab = random() < 0.5 ? mutateJson(small.model.vocab, random) : undefined;
    const damaged = new TextDecoder().decode(mutateBytes(merges, random));
    use(tokenizerFromBpe(vocab ?? JSON.stringify(whole.model.vocab), damaged), null);
  });
});

it("an added token whose content is no text would take all memory, and is refused", () => {
  const added_tokens = [{ id: 5, content: { length: 9e9 } }];
  expect(() => use(JSON.stringify({ ...whole, added_tokens }), null)).toThrow(
    /has the added token \{"id":5,"content":\{"length":9000000000\}\}, which is none/,
  );
});
