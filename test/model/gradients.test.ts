/** The graph's backward pass against the float64 reference and PyTorch: every hook point, every metric, edits, batches. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hookNames } from "../../src/core/hooks.ts";
import type { DirectEdit } from "../../src/core/edits.ts";
import { logitGradient, logitMetricValue, type LogitMetric } from "../../src/math/logit-metric.ts";
import { keyedRandom } from "../../src/math/keyed-random.ts";
import { createDifferentiate } from "../../src/model/differentiate.ts";
import type { MetricSeed } from "../../src/model/gradient-feeds.ts";
import { referenceEdit } from "../reference/edits.ts";
import { pytorch, relativeDifference, toEdit } from "../reference/fixture.ts";
import { type Metric, referenceRun } from "../reference/forward.ts";
import {
  divergenceFrom,
  logitDifference,
  logProbability,
  nextTokenLoss,
  weightedSum,
} from "../reference/metrics.ts";
import { referenceModel } from "../reference/weights.ts";
import { embeddedEngine, nodeEngine, type NodeEngine } from "./node-engine.ts";
import { randomCheckpoint, randomEdit } from "./random-models.ts";
import { tinyCheckpoint } from "./tiny-checkpoint.ts";

const sizes = {
  n_layer: 3,
  n_head: 5,
  n_embd: 35,
  n_inner: 53,
  n_positions: 11,
  vocab_size: 211,
  bos_token_id: 210,
};
const ids = [210, 3, 14, 159, 26, 5];
const pos = ids.length - 1;

/** In units of the hook's largest gradient. */
function difference(found: Float32Array, expected: Float64Array): number {
  if (found.length !== expected.length) return NaN;
  const unit = expected.reduce((m, v) => Math.max(m, Math.abs(v)), 1e-6);
  return expected.reduce((m, v, i) => Math.max(m, Math.abs(found[i]! - v) / unit), 0);
}

const seedOf = (
  metric: LogitMetric,
  at: { row: number; pos: number }[],
  V: number,
): MetricSeed => ({
  kind: "logits",
  at,
  ...logitGradient(metric, at.length, V),
});
const everywhere = ids.slice(1).map((_, i) => ({ row: 0, pos: i }));
const distribution = Float32Array.from({ length: 211 }, (_, i) => Math.sin(i));

const METRICS: [string, LogitMetric, Metric][] = [
  [
    "logit difference",
    { kind: "logitDiff", token: 7, against: 100 },
    logitDifference(7, 100, { pos }),
  ],
  ["log-probability", { kind: "logProb", token: 9 }, logProbability(9, { pos })],
  ["loss", { kind: "loss", next: ids.slice(1) }, nextTokenLoss(ids)],
  [
    "KL",
    { kind: "kl", reference: distribution },
    divergenceFrom(Float64Array.from(distribution), { pos }),
  ],
];
const EDITS: DirectEdit[] = [
  { hook: "blocks.0.ln1.hook_scale", op: "replace", value: 1.3 },
  { hook: "blocks.1.attn.hook_pattern", op: "scale", value: 0.5, head: 2 },
  { hook: "blocks.1.attn.hook_attn_scores", op: "scale", value: -0.4, head: 1, pos: 4 },
  { hook: "blocks.1.attn.hook_result", op: "scale", value: 2, head: 3 },
  { hook: "blocks.2.mlp.hook_post", op: "zero", neuron: 5 },
  { hook: "blocks.2.attn.hook_k", op: "zero", pos: 2 },
  { hook: "hook_embed", op: "scale", value: 0.7, pos: -1 },
  { hook: "ln_final.hook_normalized", op: "scale", value: 1.5 },
];

describe.each([
  ["GPT-2 as it is", {}],
  ["exact GELU, an own head", { activation_function: "gelu", tie_word_embeddings: false }],
  [
    "ReLU, scores not scaled, a large epsilon",
    { activation_function: "relu", scale_attn_weights: false, layer_norm_epsilon: 0.1 },
  ],
])("%s", (_, options) => {
  let engine: NodeEngine;
  beforeAll(async () => {
    const { config, weights } = tinyCheckpoint({ ...sizes, ...options });
    engine = await nodeEngine(config, weights);
  });
  afterAll(() => engine.release());

  it.each(METRICS)("%s: every gradient, with and without edits", async (name, metric, expected) => {
    const names = hookNames(engine.config);
    const at = name === "loss" ? everywhere : [{ row: 0, pos }];
    const tied = !("tie_word_embeddings" in options);
    const model = referenceModel(engine.config, engine.weight, tied);
    for (const edits of [[], EDITS]) {
      const { gradients, values, logits } = await engine.runner.differentiate({
        ids: [ids],
        gradients: names,
        values: ["blocks.1.attn.hook_attn_scores"],
        edits,
        seed: seedOf(metric, at, 211),
      });
      const run = referenceRun(
        model,
        [ids],
        edits.map((edit) => referenceEdit(edit, [ids.length])),
      );
      const gradient = run.gradients(expected);
      for (const hook of names) {
        expect(gradients.get(hook)!.dims, hook).toEqual(run.get(hook).dims);
        expect(difference(gradients.get(hook)!.data, gradient(hook)), hook).toBeLessThan(1e-4);
      }
      expect(logitMetricValue(metric, logits!.data, 211)).toBeCloseTo(run.measure(expected), 4);
      const scores = values.get("blocks.1.attn.hook_attn_scores")!.data;
      expect(scores[1]).toBe(-Infinity);
    }
  });

  it.each(["hook_resid_pre", "attn.hook_z", "mlp.hook_post", "hook_mlp_out", "hook_resid_post"])(
    "begins at %s",
    async (site) => {
      const hook = `blocks.1.${site}`;
      const model = referenceModel(
        engine.config,
        engine.weight,
        !("tie_word_embeddings" in options),
      );
      const run = referenceRun(model, [ids]);
      const random = keyedRandom(3);
      const seed = Float32Array.from(run.get(hook).value, () => random() - 0.5);
      const names = hookNames(engine.config);
      const { gradients, logits } = await engine.runner.differentiate({
        ids: [ids],
        gradients: names,
        values: [],
        edits: [],
        seed: { kind: "hook", hook, seed },
      });
      expect(logits).toBeNull();
      const gradient = run.gradients(weightedSum(hook, Float64Array.from(seed)));
      for (const name of names) {
        expect(difference(gradients.get(name)!.data, gradient(name)), name).toBeLessThan(1e-4);
      }
    },
  );
});

it("goes no further than the hook where it begins, and what is asked for", async () => {
  const { config, weights } = tinyCheckpoint(sizes);
  const engine = await nodeEngine(config, weights);
  const names = hookNames(engine.config);
  const { session } = engine.runtime;
  const rowsOf = async (gradients: string[], values: string[]) => {
    let rows: number[] = [];
    const watched: typeof session = Object.assign(Object.create(session) as typeof session, {
      run: (feeds: Record<string, { dims: readonly number[] }>, wanted: string[]) => {
        rows = ["0", "1", "2", "final"].map((stage) => feeds[`rows.${stage}`]!.dims[0]!);
        expect(rows).toEqual(["0", "1", "2", "final"].map((s) => feeds[`grad_rows.${s}`]!.dims[0]));
        return session.run(feeds as never, wanted);
      },
    });
    const differentiate = createDifferentiate(
      { ...engine.runtime, session: watched },
      engine.config,
    );
    const seed = new Float32Array(ids.length * sizes.n_embd).fill(1);
    const hook = "blocks.1.hook_resid_mid";
    const request = { ids: [ids, ids], gradients, values, edits: [] };
    const found = await differentiate({ ...request, seed: { kind: "hook", hook, seed } });
    return { rows, found };
  };
  expect((await rowsOf(["hook_embed"], [])).rows).toEqual([2, 2, 0, 0]);
  expect((await rowsOf(["hook_embed"], ["blocks.2.hook_resid_pre"])).rows).toEqual([2, 2, 2, 0]);
  const { rows, found } = await rowsOf([names.at(-1)!, "hook_embed"], []);
  expect(rows).toEqual([2, 2, 2, 2]);
  expect(found.gradients.get(names.at(-1)!)!.data.every((g) => g === 0)).toBe(true);
  const short = (await rowsOf(["hook_embed"], [])).found.gradients.get("hook_embed")!.data;
  expect(difference(short, Float64Array.from(found.gradients.get("hook_embed")!.data))).toBe(0);
  await engine.release();
});

it("takes the gradients of each row of a batch as if it were alone, whatever their lengths", async () => {
  const { config, weights } = tinyCheckpoint(sizes);
  const engine = await nodeEngine(config, weights);
  const rows = [ids, [7, 8, 9], ids];
  const names = hookNames(engine.config).filter(
    (name) => !/hook_(attn_scores|pattern)$/.test(name),
  );
  const edit: DirectEdit = { hook: "blocks.1.attn.hook_z", op: "zero", head: 1 };
  const metric: LogitMetric = { kind: "logProb", token: 9 };
  const one = logitGradient(metric, 1, 211);
  const together = await engine.runner.differentiate({
    ids: rows,
    gradients: names,
    values: [],
    edits: [{ ...edit, row: 2 }],
    seed: {
      kind: "logits",
      at: rows.map((own, row) => ({ row, pos: own.length - 1 })),
      constant: Float32Array.from([0, 1, 2].flatMap(() => [...one.constant])),
      softmax: Float32Array.of(-1, -1, -1),
    },
  });
  for (const [row, own] of rows.entries()) {
    const alone = await engine.runner.differentiate({
      ids: [own],
      gradients: names,
      values: [],
      edits: row === 2 ? [edit] : [],
      seed: { kind: "logits", at: [{ row: 0, pos: own.length - 1 }], ...one },
    });
    for (const [name, { data }] of alone.gradients) {
      const whole = together.gradients.get(name)!.data;
      const from = (row * whole.length) / rows.length;
      const part = whole.subarray(from, from + data.length);
      expect(difference(part, Float64Array.from(data)), `${name} of row ${row}`).toBeLessThan(1e-5);
    }
  }
  await engine.release();
});

it("is the reference's on models and edits made up by chance", async () => {
  for (const seed of [21, 22, 23, 24, 25, 26]) {
    const { config, weights, tied } = randomCheckpoint(seed);
    const engine = await nodeEngine(config, weights);
    const random = keyedRandom(seed, 3);
    const V = engine.config.vocab_size;
    const names = hookNames(engine.config);
    const own = Array.from({ length: 5 }, () => Math.floor(random() * V));
    const edits = [1, 2, 3].map(() => randomEdit(random, names, engine.config, [5]));
    const model = referenceModel(engine.config, engine.weight, tied);
    const run = referenceRun(
      model,
      [own],
      edits.map((edit) => referenceEdit(edit, [5])),
    );
    const gradient = run.gradients(logitDifference(1, 2, { pos: 4 }));
    const { gradients } = await engine.runner.differentiate({
      ids: [own],
      gradients: names,
      values: [],
      edits,
      seed: seedOf({ kind: "logitDiff", token: 1, against: 2 }, [{ row: 0, pos: 4 }], V),
    });
    for (const name of names) {
      const told = `${name} of model ${seed} under ${JSON.stringify(edits)}`;
      expect(difference(gradients.get(name)!.data, gradient(name)), told).toBeLessThan(2e-3);
    }
    await engine.release();
  }
});

describe("PyTorch on the embedded model", () => {
  let engine: NodeEngine;
  beforeAll(async () => {
    engine = await embeddedEngine();
  });
  afterAll(() => engine.release());

  const ofLogits = pytorch.gradients.filter(({ metric }) => metric !== "feature");
  it.each(ofLogits.map((g) => [g.metric, g.edits.length, g] as const))(
    "%s under %i edits",
    async (name, _, { edits, hooks, value }) => {
      const V = engine.config.vocab_size;
      const next = pytorch.ids.slice(1);
      const reference = await engine.runner.run({
        ids: [pytorch.ids],
        names: [],
        edits: pytorch.klReferenceEdits.map(toEdit),
        logits: "last",
      });
      const metrics: Record<string, LogitMetric> = {
        logitDiff: { kind: "logitDiff", token: pytorch.right, against: pytorch.wrong },
        logProb: { kind: "logProb", token: pytorch.right },
        loss: { kind: "loss", next },
        kl: { kind: "kl", reference: reference.logits!.data },
      };
      const metric = metrics[name]!;
      const at =
        name === "loss" ? next.map((_, i) => ({ row: 0, pos: i })) : [{ row: 0, pos: pytorch.pos }];
      const { gradients, logits } = await engine.runner.differentiate({
        ids: [pytorch.ids],
        gradients: Object.keys(hooks),
        values: [],
        edits: edits.map(toEdit),
        seed: seedOf(metric, at, V),
      });
      expect(logitMetricValue(metric, logits!.data, V)).toBeCloseTo(value, 3);
      for (const [hook, summary] of Object.entries(hooks)) {
        expect(relativeDifference(gradients.get(hook)!.data, summary), hook).toBeLessThan(2e-3);
      }
    },
  );
});
