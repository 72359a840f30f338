/** Every option of a GPT-2 config, against a forward pass written out independently. Sizes are all different. */
import { describe, expect, it } from "vitest";
import { hookNames, isOnRequest } from "../../src/core/hooks.ts";
import { logitGradient } from "../../src/math/logit-metric.ts";
import { contextsPerRun, createHarvest } from "../../src/model/harvest.ts";
import { largestDifference, nodeEngine } from "./node-engine.ts";
import { referenceRun } from "../reference/forward.ts";
import { referenceModel } from "../reference/weights.ts";
import { tinyCheckpoint } from "./tiny-checkpoint.ts";

const sizes = {
  n_layer: 3,
  n_head: 2,
  n_embd: 10,
  n_positions: 9,
  vocab_size: 23,
  bos_token_id: 22,
};
const ids = [22, 3, 14, 15, 9, 2, 6];

describe.each<[string, Record<string, unknown>, Parameters<typeof tinyCheckpoint>[1]]>([
  ["GPT-2 as it is", {}, {}],
  [
    "another MLP width, ReLU, an own head",
    { n_inner: 17, activation_function: "relu", tie_word_embeddings: false },
    {},
  ],
  [
    "exact GELU, scores also divided by the layer",
    { activation_function: "gelu", scale_attn_by_inverse_layer_idx: true },
    {},
  ],
  [
    "scores not scaled, a large epsilon",
    { scale_attn_weights: false, layer_norm_epsilon: 0.1 },
    {},
  ],
  ["one layer, one head", { n_layer: 1, n_head: 1 }, {}],
  ["float16 weights, names with transformer.", {}, { dtype: "F16", prefix: "transformer." }],
  ["bfloat16 weights", { n_inner: 7 }, { dtype: "BF16" }],
])("%s", (_, config, options) => {
  it("equals the reference at every hook", async () => {
    const { config: text, weights } = tinyCheckpoint({ ...sizes, ...config }, options);
    const engine = await nodeEngine(text, weights);
    const names = hookNames(engine.config);
    const { cache, logits } = await engine.runner.run({
      ids: [ids],
      names,
      edits: [],
      logits: "all",
    });
    const tied = config["tie_word_embeddings"] !== false;
    const reference = referenceRun(referenceModel(engine.config, engine.weight, tied), [ids]);
    for (const name of names) {
      const { value, dims } = reference.get(name);
      expect(cache.get(name)!.dims, name).toEqual(dims);
      expect(largestDifference(cache.get(name)!.data, value), name).toBeLessThan(2e-5);
    }
    expect(largestDifference(logits!.data, reference.get("logits").value)).toBeLessThan(1e-4);
    await engine.release();
  });
});

it.each([true, false])(
  "reads a vocabulary too large to be bound at once in parts, head tied: %s",
  async (tied) => {
    const { config, weights } = tinyCheckpoint({ ...sizes, tie_word_embeddings: tied });
    const whole = await nodeEngine(config, weights);
    const parted = await nodeEngine(config, weights, 4 * 10 * 6); // 23 tokens: parts of 6, 6, 6 and 5
    const names = hookNames(whole.config);
    const rows = [ids, [5, 6, 11, 12, 17, 18, 22]]; // both sides of each border
    const request = { ids: rows, names, edits: [], logits: "all" } as const;
    const [a, b] = [await whole.runner.run(request), await parted.runner.run(request)];
    for (const [name, { data }] of a.cache) {
      expect(largestDifference(b.cache.get(name)!.data, data), name).toBeLessThan(1e-6);
    }
    expect(largestDifference(b.logits!.data, a.logits!.data)).toBeLessThan(1e-5);
    const gradientOf = async ({ runner }: typeof whole) => {
      const { gradients } = await runner.differentiate({
        ids: rows,
        gradients: ["hook_embed"],
        values: [],
        edits: [],
        seed: {
          kind: "logits",
          at: [{ row: 1, pos: 6 }],
          ...logitGradient({ kind: "logProb", token: 13 }, 1, 23),
        },
      });
      return gradients.get("hook_embed")!.data;
    };
    expect(largestDifference(await gradientOf(parted), await gradientOf(whole))).toBeLessThan(1e-5);
    await whole.release();
    await parted.release();
  },
);

it("computes each row of a batch as if it were alone", async () => {
  const { config, weights } = tinyCheckpoint(sizes);
  const engine = await nodeEngine(config, weights);
  const rows = [ids, [...ids].reverse()];
  const names = hookNames(engine.config);
  const both = await engine.runner.run({ ids: rows, names, edits: [], logits: "all" });
  for (const [row, alone] of rows.entries()) {
    const one = await engine.runner.run({ ids: [alone], names, edits: [], logits: "all" });
    for (const [name, { data }] of one.cache) {
      const part = both.cache.get(name)!.data.subarray(row * data.length, (row + 1) * data.length);
      expect(largestDifference(part, data), name).toBeLessThan(1e-5);
    }
  }
  const flat = Int32Array.from(rows.flat());
  const hooks = ["blocks.1.attn.hook_z", "blocks.0.mlp.hook_post"];
  const harvested = await engine.runner.harvest(flat, 2, hooks, null);
  expect(harvested).toEqual(hooks.map((hook) => both.cache.get(hook)!.data));
  const inParts = createHarvest(engine.runtime, engine.config, 1);
  const parts = await inParts(flat, 2, hooks, null);
  parts!.forEach((part, i) => expect(largestDifference(part, harvested![i]!)).toBeLessThan(1e-6));
  await engine.release();
});

it("runs as many contexts at once as there is memory for", async () => {
  const { config, weights } = tinyCheckpoint({ ...sizes, n_inner: 7 });
  const engine = await nodeEngine(config, weights);
  const inBlocks = (name: string) => name.startsWith("blocks.") && !isOnRequest(name);
  const bytesOf = async (layers: string) => {
    const names = hookNames(engine.config).filter((name) => inBlocks(name) && name.match(layers));
    const { cache } = await engine.runner.run({
      ids: [[1, 2, 3, 4]],
      names,
      edits: [],
      logits: "none",
    });
    return [...cache.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
  };
  const bytes = await bytesOf("");
  expect(contextsPerRun(engine.config, "final", 4, 3 * bytes)).toBe(3);
  expect(contextsPerRun(engine.config, "final", 4, 3 * bytes - 1)).toBe(2);
  expect(contextsPerRun(engine.config, 2, 4, 3 * bytes)).toBe(3);
  expect(contextsPerRun(engine.config, 0, 4, 3 * (await bytesOf("blocks.0")))).toBe(3);
  expect(contextsPerRun(engine.config, "final", 4, 1)).toBe(1);
  await engine.release();
});

it("refuses what cannot be run", async () => {
  const { config, weights } = tinyCheckpoint(sizes);
  const { runner, release } = await nodeEngine(config, weights);
  const run = (rows: number[][], names: string[] = []) =>
    runner.run({ ids: rows, names, edits: [], logits: "last" });
  await expect(run([])).rejects.toThrow(/no tokens/);
  await expect(run([[]])).rejects.toThrow(/no tokens/);
  await expect(run([[23]])).rejects.toThrow(/23 is no token id; this model has 0 … 22/);
  await expect(run([[-1]])).rejects.toThrow(/-1 is no token id/);
  await expect(run([[1.5]])).rejects.toThrow(/1.5 is no token id/);
  await expect(run([[1, 2], []])).rejects.toThrow(/no tokens to run in row 1/);
  await expect(run([Array<number>(10).fill(1)])).rejects.toThrow(/10 tokens .* context of 9/);
  await expect(run([[1]], ["blocks.0.hook_resid"])).rejects.toThrow(/no hook point/);
  await expect(
    runner.harvest(Int32Array.of(1, 2), 1, ["blocks.0.attn.hook_pattern"], null),
  ).rejects.toThrow(/no row per token/);
  await release();
});
