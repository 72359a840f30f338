/** Gradients and integrated gradients as the lab gives them: PyTorch's numbers, finite differences, refusals. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DirectEdit } from "../../src/core/edits.ts";
import { hookNames } from "../../src/core/hooks.ts";
import type { Metric } from "../../src/core/metric.ts";
import type { SaeConfig, SaeWeights } from "../../src/core/sae.ts";
import { parseSafetensors, readFloats } from "../../src/formats/safetensors.ts";
import { gradients } from "../../src/lab/gradients.ts";
import { integratedGradients } from "../../src/lab/integrated-gradients.ts";
import { runInBasis } from "../../src/lab/run-in-basis.ts";
import { logSoftmax } from "../../src/math/logit-metric.ts";
import type { LoadedModel } from "../../src/model/loaded-model.ts";
import {
  embeddedEngine,
  EMBEDDED,
  largestDifference,
  nodeEngine,
  type NodeEngine,
} from "../model/node-engine.ts";
import { tinyCheckpoint } from "../model/tiny-checkpoint.ts";
import { referenceEdit } from "../reference/edits.ts";
import { referenceRun } from "../reference/forward.ts";
import { logitDifference } from "../reference/metrics.ts";
import { processed } from "../reference/tl-weights.ts";
import { referenceModel } from "../reference/weights.ts";
import { pytorch, relativeDifference, toEdit } from "../reference/fixture.ts";
import { engineAsModel } from "./engine-model.ts";

const sae = shippedSae();
function shippedSae(): { config: SaeConfig; weights: SaeWeights } {
  const file = new URL("../../saes/tinylab-gpt2-4l-resid-1/sae_weights.safetensors", EMBEDDED);
  const bytes = new Uint8Array(readFileSync(file));
  const { tensors } = parseSafetensors(bytes);
  const read = (name: string) => readFloats(bytes, tensors.get(name)!);
  const [dIn, dSae] = tensors.get("W_enc")!.shape as [number, number];
  const config = { hook: pytorch.feature.hook, dIn, dSae, variant: "topk", k: 16 };
  return {
    config: { ...config, applyBDecToInput: false } as SaeConfig,
    weights: {
      W_enc: read("W_enc"),
      W_dec: read("W_dec"),
      b_enc: read("b_enc"),
      b_dec: read("b_dec"),
    },
  };
}

let engine: NodeEngine;
let model: LoadedModel;
beforeAll(async () => {
  engine = await embeddedEngine();
  model = engineAsModel(engine);
});
afterAll(() => engine.release());

const prompt = { ids: pytorch.ids };
const { signal } = new AbortController();
const ask = (
  metric: Metric,
  names: string[],
  more: Partial<Parameters<typeof gradients>[1]> = {},
) =>
  gradients(model, { prompt, metric, names, edits: [], basis: "raw", sae: null, ...more }, signal);
const logitDiff: Metric = { kind: "logitDiff", token: pytorch.right, against: pytorch.wrong };

describe("as PyTorch has them", () => {
  const metrics: Record<string, Metric> = {
    logitDiff,
    logProb: { kind: "logProb", token: pytorch.right },
    loss: { kind: "loss" },
    kl: { kind: "kl", reference: { edits: pytorch.klReferenceEdits.map(toEdit) } },
    feature: {
      kind: "feature",
      saeId: "shipped",
      feature: pytorch.feature.feature,
      pos: pytorch.feature.pos,
      preActivation: true,
    },
  };
  it.each(pytorch.gradients.map((g) => [g.metric, g.edits.length, g] as const))(
    "%s under %i edits",
    async (name, _, { edits, hooks, value: expected }) => {
      const names = Object.keys(hooks);
      const { value, gradients: found } = await ask(metrics[name]!, names, {
        edits: edits.map(toEdit),
        sae,
      });
      expect(Math.abs(value - expected)).toBeLessThan(1e-3 * Math.max(1, Math.abs(expected)));
      expect(found.map(([hook]) => hook)).toEqual(names);
      for (const [hook, { data }] of found) {
        expect(relativeDifference(data, hooks[hook]!), hook).toBeLessThan(2e-3);
      }
    },
  );

  it.each(pytorch.integrated)("integrated, of $metric at $hook", async (expected) => {
    const { hook, steps, change, attributions } = expected;
    const seen: number[] = [];
    const found = await integratedGradients(
      model,
      {
        prompt,
        metric: metrics[expected.metric]!,
        names: [hook],
        edits: [],
        path: { steps },
        sae,
      },
      { signal, progress: ({ done }) => seen.push(done) },
    );
    expect(found.attributions[0]![0]).toBe(hook);
    expect(relativeDifference(found.attributions[0]![1].data, attributions)).toBeLessThan(2e-3);
    expect(Math.abs(found.changes[0]![1] - change)).toBeLessThan(1e-3);
    expect(seen.at(-1)).toBe(steps);
  });
});

it("a probability's gradient is the change of the probability", async () => {
  const hook = "blocks.1.hook_mlp_out";
  const metric: Metric = { kind: "prob", token: pytorch.wrong };
  const { value, gradients: found } = await ask(metric, [hook]);
  const { data } = found[0]![1];
  const norm = Math.hypot(...data);
  const step = 0.02;
  const along = async (sign: number) => {
    const value = data.map((g) => (sign * step * g) / norm);
    return (await ask(metric, [hook], { edits: [{ hook, op: "add", value }] })).value;
  };
  const slope = ((await along(1)) - (await along(-1))) / (2 * step);
  expect(value).toBeGreaterThan(0);
  expect(Math.abs(slope - norm)).toBeLessThan(0.01 * norm);
});

it("a feature that is not active has none; before its non-linearity it has", async () => {
  const { feature, hook, pos } = pytorch.feature;
  const of = async (f: number, preActivation: boolean) => {
    const metric: Metric = { kind: "feature", saeId: "shipped", feature: f, pos, preActivation };
    const { value, gradients: found } = await ask(metric, [hook], { sae });
    return { value, norm: Math.hypot(...found[0]![1].data) };
  };
  const active = await of(feature, false);
  expect(active.value).toBeGreaterThan(0);
  expect(active.value).toBeCloseTo((await of(feature, true)).value, 4);
  const silent = await Promise.all(
    Array.from({ length: 20 }, async (_, f) => ({ f, ...(await of(f, false)) })),
  );
  const { f } = silent.find(({ value }) => value === 0)!;
  expect((await of(f, false)).norm).toBe(0);
  expect((await of(f, true)).norm).toBeGreaterThan(0);
});

it("in TransformerLens's basis, a step along the gradient changes the metric as it says", async () => {
  for (const hook of ["blocks.2.ln1.hook_normalized", "blocks.1.attn.hook_z"]) {
    const { value, gradients: found } = await ask(logitDiff, [hook], { basis: "tl" });
    const { data } = found[0]![1];
    const norm = Math.hypot(...data);
    const add = data.map((g) => (0.01 * g) / norm);
    const edits = [{ hook, op: "add", value: add } as const];
    const moved = await ask(logitDiff, [hook], { basis: "tl", edits });
    expect((moved.value - value) / 0.01 / norm, hook).toBeCloseTo(1, 1);
  }
});

describe("in TransformerLens's basis, under edits told in it, those of really processed weights", () => {
  const cases: [string, DirectEdit[]][] = [
    ["none", []],
    ["z of a head zeroed", [{ hook: "blocks.1.attn.hook_z", op: "zero", head: 1 }]],
    ["z scaled", [{ hook: "blocks.0.attn.hook_z", op: "scale", value: 0.5 }]],
    [
      "v replaced at a position",
      [{ hook: "blocks.1.attn.hook_v", op: "replace", value: 0.3, pos: 1 }],
    ],
    ["a pattern zeroed", [{ hook: "blocks.1.attn.hook_pattern", op: "zero", head: 0 }]],
    [
      "a head's result and a pattern",
      [
        { hook: "blocks.0.attn.hook_result", op: "zero", head: 1 },
        { hook: "blocks.0.attn.hook_pattern", op: "scale", value: 0.4, pos: 2 },
      ],
    ],
  ];
  it.each(cases)("%s", async (_, edits) => {
    const sizes = { n_layer: 2, n_head: 2, n_embd: 14, n_positions: 9, vocab_size: 23 };
    const { config, weights } = tinyCheckpoint({ ...sizes, bos_token_id: 22 });
    const small = await nodeEngine(config, weights);
    const ids = [22, 3, 14, 15, 9];
    const reference = referenceRun(
      processed(referenceModel(small.config, small.weight)),
      [ids],
      edits.map((edit) => referenceEdit(edit, [ids.length])),
    );
    const expected = reference.gradients(logitDifference(3, 7, { pos: 4 }));
    const names = hookNames(small.config);
    const { gradients: found } = await gradients(
      engineAsModel(small),
      {
        prompt: { ids },
        metric: { kind: "logitDiff", token: 3, against: 7 },
        names,
        edits,
        basis: "tl",
        sae: null,
      },
      signal,
    );
    for (const [name, { data }] of found) {
      const isPattern = name.endsWith("hook_pattern");
      // No key after the query can be seen: what stands there does not matter.
      const seen = (g: number, i: number) => (isPattern && i % 5 > Math.floor(i / 5) % 5 ? 0 : g);
      const wanted = expected(name).map(seen);
      const unit = wanted.reduce((m, g) => Math.max(m, Math.abs(g)), 1e-3);
      expect(largestDifference(data.map(seen), wanted) / unit, name).toBeLessThan(2e-4);
    }
    await small.release();
  });
});

it("KL to a reference run whose edits are told in TransformerLens's basis", async () => {
  const edits: DirectEdit[] = [{ hook: "blocks.0.attn.hook_z", op: "zero" }];
  const metric: Metric = { kind: "kl", reference: { edits } };
  const { value } = await ask(metric, ["hook_embed"], { basis: "tl" });
  const last = async (given: DirectEdit[]) => {
    const request = { ids: [pytorch.ids], names: [], edits: given, logits: "last" } as const;
    return (await runInBasis(model, "tl", request)).logits!.data;
  };
  const [q, p] = [logSoftmax(await last(edits)), logSoftmax(await last([]))];
  const byHand = q.reduce((sum, v, i) => sum + Math.exp(v) * (v - p[i]!), 0);
  expect(value).toBeCloseTo(byHand, 4);
  expect(value).not.toBeCloseTo((await ask(metric, ["hook_embed"])).value, 1);
});

describe("refuses", () => {
  it.each<[string, () => Promise<unknown>, RegExp]>([
    ["no hook", () => ask(logitDiff, []), /no hook point was named/],
    ["a hook that is none", () => ask(logitDiff, ["blocks.9.hook_z"]), /is no hook point/],
    [
      "a token that is none",
      () => ask({ ...logitDiff, token: -1 }, ["hook_embed"]),
      /-1 is no token/,
    ],
    ["a place that is none", () => ask({ ...logitDiff, pos: 99 }, ["hook_embed"]), /pos 99 is not/],
    [
      "the loss of one token",
      () => ask({ kind: "loss" }, ["hook_embed"], { prompt: { ids: [1] } }),
      /needs two tokens/,
    ],
    [
      "a feature that is none",
      () => ask({ kind: "feature", saeId: "x", feature: 1e6 }, ["hook_embed"], { sae }),
      /feature 1000000 is not among/,
    ],
    [
      "a metric that is none",
      () => ask({ kind: "beauty" } as never, ["hook_embed"]),
      /there is no metric "beauty"/,
    ],
  ])("%s", async (_, run, message) => {
    await expect(run()).rejects.toThrow(message);
  });

  it("a path from a prompt of another length, and steps that are none", async () => {
    const integrate = (path: object) =>
      integratedGradients(
        model,
        { prompt, metric: logitDiff, names: ["hook_embed"], edits: [], path, sae: null },
        { signal, progress: () => {} },
      );
    await expect(integrate({ from: { prompt: [1, 2] } })).rejects.toThrow(/2 tokens to one of 13/);
    await expect(integrate({ steps: 0 })).rejects.toThrow(/steps must be .* got 0/);
  });
});
