/** Benches for tests of snippets. */
import type { BenchEdit, EditOp, EditTarget } from "../../src/core/bench-edit.ts";
import type { ModelFacts, RunFacts, SaeFacts } from "../../src/python/run-facts.ts";

export const SMALL_MODEL: ModelFacts = {
  id: "tinylab-gpt2-4l",
  source: "embedded",
  ...{ revision: null, commit: null, hub: null, rounded: false },
  config: {
    ...{ n_layer: 4, n_head: 6, n_embd: 192, n_inner: 768, n_positions: 256, vocab_size: 8192 },
    ...{ layer_norm_epsilon: 1e-5, activation_function: "gelu_new", scale_attn_weights: true },
    ...{ scale_attn_by_inverse_layer_idx: false, bos_token_id: 8191 },
  },
};
export const GPT2: ModelFacts = {
  id: "openai-community/gpt2",
  source: "hub",
  revision: "main",
  commit: "607a30d783dfa663caf39e06633721c8d4cfcd7e",
  hub: "https://huggingface.co",
  rounded: false,
  config: {
    ...SMALL_MODEL.config,
    ...{ n_layer: 12, n_head: 12, n_embd: 768, n_inner: 3072, n_positions: 1024 },
    ...{ vocab_size: 50257, bos_token_id: 50256 },
  },
};
export const SAE: SaeFacts = {
  id: "tinylab-gpt2-4l-resid-1",
  name: "Shipped SAE",
  hook: "blocks.1.hook_resid_post",
  ...{ variant: "topk", dSae: 1536, shipped: true },
};
export const Z_SAE: SaeFacts = {
  ...SAE,
  id: "of-z",
  name: "My “z”",
  hook: "blocks.2.attn.hook_z",
  shipped: false,
};

export const FACTS: RunFacts = {
  app: "https://lab.example/app/",
  model: SMALL_MODEL,
  prompt: "The cat sat",
  prependBos: true,
  cutTo: null,
  other: null,
  basis: "raw",
  edits: [],
  saes: [],
};

export const edit = (
  target: EditTarget,
  op: EditOp,
  amount = 0,
  pos: number | null = null,
): BenchEdit => ({ target, op, amount, pos, on: true });

const direction = (hook: string, head: number | null): EditTarget => ({
  ...{ kind: "direction", hook, head, name: "odd → even, resid_post 1", vector: [0.6, -0.8] },
});

/** One of every kind. */
export const ALL_EDITS: BenchEdit[] = [
  edit({ kind: "head", layer: 1, head: 3 }, "zero"),
  edit({ kind: "head", layer: 1, head: 3 }, "zero", 0, 2),
  edit({ kind: "head", layer: 2, head: 0 }, "mean"),
  edit({ kind: "neuron", layer: 0, neuron: 40 }, "scale", 2.5, -1),
  edit({ kind: "neuron", layer: 0, neuron: 41 }, "mean"),
  edit({ kind: "attn", layer: 3 }, "mean", 0, 1),
  edit({ kind: "mlp", layer: 2 }, "scale", 1e-7),
  edit({ kind: "resid", layer: 0 }, "zero", 0, 0),
  edit({ kind: "feature", sae: SAE.id, feature: 412 }, "zero"),
  edit({ kind: "feature", sae: SAE.id, feature: 7 }, "clamp", -3.5, 2),
  edit({ kind: "feature", sae: Z_SAE.id, feature: 9 }, "clamp", 1e21),
  edit(direction("blocks.1.hook_resid_post", null), "zero"),
  edit(direction("blocks.1.attn.hook_z", 2), "add", -2.5, -1),
];

/** Benches that differ in everything a snippet depends on. */
export const BENCHES: [string, RunFacts][] = [
  ["the embedded model", FACTS],
  ["TransformerLens's basis", { ...FACTS, basis: "tl" }],
  ["GPT-2 at a commit", { ...FACTS, model: GPT2 }],
  ["GPT-2 processed, from its branch", { ...FACTS, basis: "tl", model: { ...GPT2, commit: null } }],
  [
    "another checkpoint of the Hub",
    { ...FACTS, model: { ...GPT2, id: "someone/gpt2-x", hub: "https://mirror.example" } },
  ],
  [
    "dropped files",
    { ...FACTS, model: { ...SMALL_MODEL, source: "files", id: "my folder", rounded: true } },
  ],
  ["token ids", { ...FACTS, prompt: [8191, 3, 4], cutTo: 2 }],
  ["two prompts", { ...FACTS, other: "A dog\nran", prependBos: false }],
  ["edits of all kinds", { ...FACTS, edits: ALL_EDITS, saes: [SAE, Z_SAE], basis: "tl" }],
  ["two prompts with an edit", { ...FACTS, other: "A dog", edits: ALL_EDITS.slice(0, 1) }],
];
