/** Every edit of weights is the edit of activations that it stands for, at all positions; and so it is exported. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { WeightEdit, WeightTarget } from "../../src/core/model-edit.ts";
import type { DirectEdit } from "../../src/core/edits.ts";
import { fromFiles } from "../../src/model/local.ts";
import { keyedRandom, normal } from "../../src/math/keyed-random.ts";
import { editWeights, type WeightSource } from "../../src/math/weight-edits.ts";
import type { Checkpoint } from "../../src/model/checkpoint.ts";
import { editedCheckpoint } from "../../src/model/edited-checkpoint.ts";
import { exportCheckpoint } from "../../src/model/export-checkpoint.ts";
import { parseSafetensors } from "../../src/formats/safetensors.ts";
import { EMBEDDED, largestDifference } from "../model/node-engine.ts";
import { tinyCheckpoint } from "../model/tiny-checkpoint.ts";
import { checkpointOf, engineOf } from "../model/tuning-engine.ts";

const json = {
  ...{ n_layer: 2, n_embd: 6, n_head: 3, n_inner: 5, n_positions: 7, vocab_size: 11 },
  bos_token_id: 10,
};
const ids = [
  [10, 1, 2, 3, 4],
  [10, 9],
];
const random = keyedRandom(5);
const numbers = (length: number) => Float32Array.from({ length }, () => normal(random));

const source = (checkpoint: Checkpoint): WeightSource => ({
  read: async (name) => (await checkpoint.readTensor(name)).data,
  deltas: () => Promise.reject(new Error("nothing was tuned")),
});
const facts = { id: "e", base: "made-up", edits: 1 };
async function edited(
  edits: readonly WeightEdit[],
  dtype: "F32" | "F16" | "BF16" = "F32",
  of = json,
) {
  const base = checkpointOf(tinyCheckpoint(of, { dtype, prefix: "transformer." }));
  const changed = await editWeights(edits, base.config, source(base));
  return { base, changed, checkpoint: editedCheckpoint(base, changed, "made-up, edited", facts) };
}

async function expectSame(edits: readonly WeightEdit[], activations: readonly DirectEdit[]) {
  const plain = await engineOf(checkpointOf(tinyCheckpoint(json)));
  const { checkpoint } = await edited(edits);
  const other = await engineOf(checkpoint);
  const request = { ids, names: ["blocks.1.hook_resid_post"], logits: "all" } as const;
  const expected = await plain.runner.run({ ...request, edits: activations });
  const unedited = await plain.runner.run({ ...request, edits: [] });
  const found = await other.runner.run({ ...request, edits: [] });
  expect(largestDifference(found.logits!.data, expected.logits!.data)).toBeLessThan(2e-5);
  const streams = [found, expected].map(({ cache }) => cache.get(request.names[0])!.data);
  expect(largestDifference(streams[0]!, streams[1]!)).toBeLessThan(2e-5);
  // An edit that did nothing would be equal to nothing.
  expect(largestDifference(unedited.logits!.data, expected.logits!.data)).toBeGreaterThan(1e-3);
  await Promise.all([plain.release(), other.release()]);
}

interface Place {
  target: WeightTarget;
  at: Omit<DirectEdit, "op">;
  width: number;
}
const places: Place[] = [
  {
    target: { kind: "head", layer: 0, head: 2 },
    ...{ at: { hook: "blocks.0.attn.hook_z", head: 2 }, width: 2 },
  },
  {
    target: { kind: "neuron", layer: 1, neuron: 3 },
    ...{ at: { hook: "blocks.1.mlp.hook_post", neuron: 3 }, width: 1 },
  },
  { target: { kind: "attn", layer: 1 }, at: { hook: "blocks.1.hook_attn_out" }, width: 6 },
  { target: { kind: "mlp", layer: 0 }, at: { hook: "blocks.0.hook_mlp_out" }, width: 6 },
];
const on = true;
const embedded = (name: string) => readFileSync(new URL(name, EMBEDDED), "utf8");
const tokenizer = { json: embedded("tokenizer.json"), config: embedded("tokenizer_config.json") };

describe.each(places)("$target.kind", ({ target, at, width }) => {
  it("ablated is a zero edit", () =>
    expectSame([{ kind: "scale", target, factor: 0, on }], [{ ...at, op: "zero" }]));
  it("scaled is a scale edit", () =>
    expectSame(
      [{ kind: "scale", target, factor: -1.5, on }],
      [{ ...at, op: "scale", value: -1.5 }],
    ));
  it("replaced by its mean is a replace edit", () => {
    const mean = numbers(width);
    const value = width === 1 ? mean[0]! : mean;
    return expectSame(
      [{ kind: "mean", target, mean: [...mean], contexts: 1, on }],
      [{ ...at, op: "replace", value }],
    );
  });
});

it.each([
  ["blocks.0.hook_attn_out", 6],
  ["blocks.0.hook_resid_mid", 6],
  ["blocks.1.hook_mlp_out", 6],
  ["blocks.0.hook_resid_post", 6],
  ["blocks.1.hook_resid_pre", 6],
  ["blocks.1.attn.hook_z", 6],
  ["blocks.0.mlp.hook_post", 5],
  ["blocks.0.mlp.hook_pre", 5],
  ["blocks.1.ln1.hook_normalized", 6],
  ["blocks.0.ln2.hook_normalized", 6],
  ["blocks.1.attn.hook_q", 6],
  ["blocks.0.attn.hook_v", 6],
])("a vector in a bias is an add edit at %s, at every position", (hook, width) => {
  const vector = numbers(width);
  const heads = [0, 1, 2].map((head) => {
    const own = vector.subarray(2 * head, 2 * head + 2);
    return { hook, head, op: "add", value: own.map((x) => -2 * x) } as const;
  });
  return expectSame(
    [{ kind: "bias", hook, vector: [...vector], amount: -2, from: "a test", on }],
    /hook_[qvz]$/.test(hook)
      ? heads
      : [{ hook, op: "add", value: vector.map((x) => -2 * x) } as const],
  );
});

it.each(["q", "v", "z"])("of one head, at hook_%s", (name) => {
  const [hook, vector] = [`blocks.1.attn.hook_${name}`, numbers(2)];
  return expectSame(
    [{ kind: "bias", hook, head: 1, vector: [...vector], amount: 3, from: "a test", on }],
    [{ hook, head: 1, op: "add", value: vector.map((x) => 3 * x) }],
  );
});

it("edits follow one another, and those switched off do nothing", async () => {
  const mlp = { kind: "mlp", layer: 0 } as const;
  const head = { kind: "head", layer: 1, head: 0 } as const;
  await expectSame(
    [
      { kind: "scale", target: mlp, factor: 2, on },
      { kind: "scale", target: mlp, factor: 0, on: false },
      { kind: "scale", target: mlp, factor: 0.25, on },
      { kind: "scale", target: head, factor: 3, on },
    ],
    [
      { hook: "blocks.0.hook_mlp_out", op: "scale", value: 0.5 },
      { hook: "blocks.1.attn.hook_z", head: 0, op: "scale", value: 3 },
    ],
  );
  const { changed, checkpoint, base } = await edited([
    { kind: "scale", target: mlp, factor: 2, on: false },
  ]);
  expect(changed.size).toBe(0);
  expect(checkpoint.weights).toBe(base.weights);
});

it("refuses what does not fit, with the value", async () => {
  const bias = (hook: string, length: number, amount = 1): WeightEdit => ({
    ...{ kind: "bias", hook, vector: [...numbers(length)], amount, from: "a test", on },
  });
  await expect(edited([bias("blocks.0.hook_resid_pre", 6)])).rejects.toThrow(
    /blocks\.0\.hook_resid_pre/,
  );
  await expect(edited([bias("blocks.2.hook_mlp_out", 6)])).rejects.toThrow(/blocks 0 … 1/);
  await expect(edited([bias("blocks.1.hook_mlp_out", 4)])).rejects.toThrow(/4 numbers.*needs 6/);
  const ofHead = (hook: string, head: number) => edited([{ ...bias(hook, 2), head } as WeightEdit]);
  await expect(ofHead("blocks.1.attn.hook_q", 3)).rejects.toThrow(/no head 3 at .*0 … 2/);
  await expect(ofHead("blocks.1.hook_mlp_out", 0)).rejects.toThrow(/has no heads/);
  await expect(edited([bias("blocks.1.attn.hook_pattern", 6)])).rejects.toThrow(/hook_pattern/);
  await expect(edited([bias("blocks.1.attn.hook_k", 6)])).rejects.toThrow(/changes nothing/);
  await expect(edited([bias("blocks.1.hook_mlp_out", 6, 1e9)], "F16")).rejects.toThrow(
    /F16 cannot hold/,
  );
  const target = { kind: "head", layer: 0, head: 1 } as const;
  await expect(
    edited([{ kind: "mean", target, mean: [1, 2, 3], contexts: 1, on }]),
  ).rejects.toThrow(/3 numbers.*needs 2/);
});

describe.each(["F32", "F16", "BF16"] as const)("exported as %s", (dtype) => {
  const whole = { ...json, vocab_size: 8192 }; // that of the tokenizer below
  const edits: WeightEdit[] = [
    { kind: "scale", target: { kind: "head", layer: 0, head: 1 }, factor: 0.37, on },
    { kind: "scale", target: { kind: "neuron", layer: 1, neuron: 4 }, factor: 0, on },
    {
      kind: "bias",
      hook: "blocks.1.hook_mlp_out",
      vector: [...numbers(6)],
      amount: 1,
      from: "",
      on,
    },
  ];

  it("comes back through the files' own way in, bit for bit, and has nothing else changed", async () => {
    const { checkpoint } = await edited(edits, dtype, whole);
    const { base, changed } = await edited(edits, dtype, whole);
    const named = exportCheckpoint({ ...base, tokenizer }, changed);
    const files = new Map(named.map(({ name, data }) => [name, data]));
    const original = tinyCheckpoint(whole, { dtype, prefix: "transformer." }).weights;
    const [before, after] = [
      parseSafetensors(original),
      parseSafetensors(files.get("model.safetensors")!),
    ];
    const entries = (header: typeof before) =>
      [...header.tensors.values()].map(({ name, dtype, shape }) => ({ name, dtype, shape }));
    expect(entries(after)).toEqual(entries(before));
    expect(after.metadata).toEqual({ format: "pt" });
    const differing = [...before.tensors.keys()].filter((name) => {
      const [a, b] = [before.tensors.get(name)!, after.tensors.get(name)!];
      const bytes = files.get("model.safetensors")!.subarray(b.begin, b.end);
      return original.subarray(a.begin, a.end).some((byte, i) => byte !== bytes[i]);
    });
    expect(differing.sort()).toEqual(
      ["h.0.attn.c_proj.weight", "h.1.mlp.c_proj.bias", "h.1.mlp.c_proj.weight"].map(
        (name) => `transformer.${name}`,
      ),
    );
    const again = await fromFiles(
      [...files].map(([name, data]) => new File([data], name)),
      {
        baseUrl: new URL("https://a.test/"),
        signal: new AbortController().signal,
        progress: () => {},
      },
    );
    const request = { ids, names: [], edits: [], logits: "all" } as const;
    const [a, b] = [await engineOf(checkpoint), await engineOf(again)];
    expect((await b.runner.run(request)).logits).toEqual((await a.runner.run(request)).logits);
    for (const name of checkpoint.tensors.keys()) {
      expect(await again.readTensor(name), name).toEqual(await checkpoint.readTensor(name));
    }
    await Promise.all([a.release(), b.release()]);
  });
});
