/** config.json, alone and against a weight file: sound ones are read, thousands of spoilt ones are refused in words. */
import { expect, it } from "vitest";
import { parseSafetensors } from "../../src/formats/safetensors.ts";
import { parseConfig } from "../../src/model/config.ts";
import { checkLayout } from "../../src/model/layout.ts";
import { fuzz, mutateBytes, mutateJson, type Random } from "../fuzz/mutate.ts";
import { tinyCheckpoint } from "./tiny-checkpoint.ts";

const sizes = { n_layer: 2, n_head: 3, n_embd: 6, n_positions: 5, vocab_size: 11, bos_token_id: 0 };
const full = {
  model_type: "gpt2",
  architectures: ["GPT2LMHeadModel"],
  ...sizes,
  n_inner: 7,
  eos_token_id: [3, 4],
  layer_norm_epsilon: 1e-5,
  activation_function: "gelu_new",
  scale_attn_weights: true,
  scale_attn_by_inverse_layer_idx: false,
  tie_word_embeddings: true,
  task_specific_params: { "text-generation": { do_sample: true, max_length: 50 } },
};
const { weights } = tinyCheckpoint({ ...sizes, n_inner: 7 });
const header = parseSafetensors(weights);

function expectSound(text: string) {
  const { config, tieWordEmbeddings } = parseConfig(text);
  for (const [key, value] of Object.entries(config)) {
    if (typeof value === "number") expect(Number.isFinite(value) && value >= 0, key).toBe(true);
  }
  expect(config.n_embd % config.n_head).toBe(0);
  expect(config.bos_token_id).toBeLessThan(config.vocab_size);
  return { config, tieWordEmbeddings };
}

it("spoilt configs", () => {
  const accepted = fuzz(4000, 21, (random) => void expectSound(mutateJson(full, random)));
  expect(accepted).toBeGreaterThan(100);
});

it("damaged bytes", () => {
  const bytes = new TextEncoder().encode(JSON.stringify(full));
  fuzz(3000, 22, (random) => {
    expectSound(new TextDecoder().decode(mutateBytes(bytes, random)));
  });
});

it("sound configs of every size, with fields unknown to us", () => {
  const integer = (random: Random, most: number) => 1 + Math.floor(random() * most);
  const accepted = fuzz(1000, 23, (random) => {
    const n_head = integer(random, 40);
    const given = {
      ...full,
      n_head,
      n_layer: integer(random, 99),
      n_embd: n_head * integer(random, 64),
      n_inner: random() < 0.5 ? null : integer(random, 9999),
      vocab_size: integer(random, 60_000),
      unknown_field: [{ deep: [null] }],
    };
    const { config } = expectSound(JSON.stringify(given));
    expect(config).toMatchObject({ n_head, n_layer: given.n_layer, n_embd: given.n_embd });
  });
  expect(accepted).toBe(1000);
});

it("a config against a weight file that it does not belong to", () => {
  const accepted = fuzz(3000, 24, (random) => {
    const { config, tieWordEmbeddings } = expectSound(mutateJson(full, random));
    const { tensors } = checkLayout(header, config, tieWordEmbeddings, "the file");
    expect(tensors.size).toBe(header.tensors.size);
  });
  expect(accepted).toBeGreaterThan(100);
});

it("a weight file that is not the config's", () => {
  const { config } = parseConfig(JSON.stringify(full));
  const json = Object.fromEntries(
    [...header.tensors].map(([name, { dtype, shape }]) => [name, { dtype, shape }]),
  );
  const readHeader = (text: string) => {
    let begin = 0;
    const tensors = Object.entries(JSON.parse(text) as typeof json).map(([name, t]) => {
      const end = begin + 4 * t.shape.reduce((a, b) => a * b, 1);
      const entry = { ...t, name, begin, end };
      begin = end;
      return [name, entry] as const;
    });
    return { tensors: new Map(tensors), metadata: {}, dataBegin: 8 };
  };
  fuzz(1000, 25, (random) => {
    const names = Object.keys(json);
    const name = names[Math.floor(random() * names.length)]!;
    const other = names[Math.floor(random() * names.length)]!;
    let changed = { ...json };
    const kind = Math.floor(random() * 4);
    if (kind === 0) changed = Object.fromEntries(Object.entries(json).filter(([n]) => n !== name));
    else if (kind === 1) changed[name] = { ...json[other]! };
    else if (kind === 2) changed[`transformer.${name}`] = json[name]!;
    else
      changed[name] = {
        ...json[name]!,
        shape: [...json[name]!.shape, ...Array<number>(2000).fill(1)],
      };
    const layout = checkLayout(readHeader(JSON.stringify(changed)), config, true, "the file");
    for (const [tensor, { shape }] of layout.tensors) expect(shape).toEqual(json[tensor]!.shape);
  });
});

it("more layers than any file holds are missed without being listed", () => {
  const { config } = parseConfig(JSON.stringify({ ...full, n_layer: 2 ** 50 }));
  expect(() => checkLayout(header, config, true, "the file")).toThrow(
    `lacks ${12 * (2 ** 50 - 2)} of the model's tensors`,
  );
});

it("a file with more layers than the config says belongs to another model", () => {
  const { config } = parseConfig(JSON.stringify({ ...full, n_layer: 1 }));
  expect(() => checkLayout(header, config, true, "the file")).toThrow(
    /has a layer 1, but the config says that there are n_layer 1 \(0 … 0\)/,
  );
});

it("a value nested too deep to be quoted is refused all the same", () => {
  const deep = `${"[".repeat(1e5)}${"]".repeat(1e5)}`;
  expect(() => parseConfig(`{"model_type":"gpt2","n_layer":${deep}}`)).toThrow(
    /n_layer is something nested too deep to show, not a positive/,
  );
});
