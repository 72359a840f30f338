/**
 * Steering against its formulas in float64: models, texts and rows by chance, seeded. And in the engine: a generation with its
 * cache is as the whole run over its text; every point of a dose–response is as that setting run alone.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hookNames } from "../../src/core/hooks.ts";
import {
  modesOf,
  STEER_ATTENTION,
  type SteerAttention,
  type SteerRow,
  type SteerSource,
} from "../../src/core/steer.ts";
import { steerEffects, type EffectsProgress } from "../../src/lab/steer-effects.ts";
import { scoreText, steeredTextEdits } from "../../src/lab/steer-score.ts";
import { steerPrompt } from "../../src/lab/steer-prompt.ts";
import { resolvePerStep } from "../../src/lab/resolve-edits.ts";
import type { Sae } from "../../src/math/feature-change.ts";
import { keyedRandom, normal } from "../../src/math/keyed-random.ts";
import { generate } from "../../src/model/generate.ts";
import { embeddedEngine, type NodeEngine } from "../model/node-engine.ts";
import { integer, oneOf, type Random } from "../model/random-models.ts";
import { relative } from "../reference/compare.ts";
import { referenceRun } from "../reference/forward.ts";
import { madeUpModel, ODD } from "../reference/models.ts";
import { steeringReference } from "../reference/steering.ts";
import { randomSae, sourcesOf } from "./edit-models.ts";
import { engineAsModel } from "./engine-model.ts";
import { referenceAsModel } from "./reference-model.ts";

const { signal } = new AbortController();
const config = { ...ODD, n_positions: 9 };

const row = (source: SteerSource, patch: Partial<SteerRow> = {}): SteerRow => ({
  ...{ source, mode: "add", amount: 1, at: "all", unit: "raw", on: true },
  ...patch,
});

function randomSource(random: Random): SteerSource {
  const layer = integer(random, 0, config.n_layer - 1);
  const hook = `blocks.${layer}.${oneOf(random, ["hook_resid_pre", "hook_attn_out", "hook_resid_post"])}`;
  switch (integer(random, 0, 3)) {
    case 0:
      return { kind: "neuron", layer, neuron: integer(random, 0, config.n_inner - 1) };
    case 1: {
      const vector = Array.from({ length: config.n_embd }, () => Math.fround(normal(random)));
      return { kind: "vector", hook, name: "", vector };
    }
    default:
      return {
        kind: "feature",
        sae: oneOf(random, ["a", "b", "z", "t"]),
        feature: integer(random, 0, 12),
      };
  }
}

function randomRow(random: Random): SteerRow {
  const source = randomSource(random);
  const at = oneOf<SteerRow["at"]>(random, ["all", "all", "generated", [-1, 2], [1, 7]]);
  const amount = 2 * normal(random);
  return row(source, { mode: oneOf(random, modesOf(source)), amount, at, on: random() < 0.9 });
}

const saesOf = (seed: number): Record<string, Sae> => ({
  a: randomSae("blocks.1.hook_resid_post", 35, 13, seed),
  b: { ...randomSae("blocks.1.hook_resid_post", 35, 13, seed + 1) },
  z: randomSae("blocks.2.attn.hook_z", 35, 13, seed + 2),
  t: transcoder(randomSae("blocks.1.ln2.hook_normalized", 35, 13, seed + 3)),
});
const transcoder = ({ config: own, weights }: Sae): Sae => ({
  config: { ...own, out: { hook: "blocks.1.hook_mlp_out", width: 35, skip: false } },
  weights,
});

it("does what its formulas say, alone and together, free and frozen, in float64", async () => {
  for (let seed = 1; seed <= 40; seed++) {
    const reference = madeUpModel(config, seed);
    const model = referenceAsModel(reference);
    const random = keyedRandom(seed, 9);
    const saes = saesOf(seed);
    const text = Array.from({ length: 8 }, () => integer(random, 0, 210));
    const length = 5;
    const rows = Array.from({ length: integer(random, 1, 5) }, () => randomRow(random));
    const attention = oneOf(random, STEER_ATTENTION);
    if (!rows.some(({ on }) => on)) continue;
    const context = { sources: sourcesOf(saes), signal };
    const edits = await steeredTextEdits(model, text, length, { rows, attention }, context);
    const names = hookNames(config);
    const found = await model.run({ ids: [text], names, edits, logits: "all" });
    const expected = referenceRun(
      reference,
      [text],
      steeringReference(rows, text, length, reference, saes, attention === "frozen"),
    );
    const told = `seed ${seed}, ${attention}: ${JSON.stringify(rows)}`;
    for (const name of names) {
      const there = relative(found.cache.get(name)!.data, expected.get(name).value);
      expect(there, `${name}, ${told}`).toBeLessThan(1e-5);
    }
    const logits = relative(found.logits!.data, expected.get("logits").value);
    expect(logits, told).toBeLessThan(1e-5);
  }
});

it("freezes attention in the layers that it could change, and only that", async () => {
  const reference = madeUpModel(config, 3);
  const model = referenceAsModel(reference);
  const text = [3, 1, 4, 1, 5, 9];
  const rows = [row({ kind: "feature", sae: "a", feature: 4 }, { amount: 9 })];
  const run = async (attention: SteerAttention) => {
    const context = { sources: sourcesOf(saesOf(3)), signal };
    const edits = await steeredTextEdits(model, text, text.length, { rows, attention }, context);
    return model.run({ ids: [text], names: hookNames(config), edits, logits: "all" });
  };
  const plain = await model.run({
    ids: [text],
    names: hookNames(config),
    edits: [],
    logits: "all",
  });
  const [free, frozen] = [await run("free"), await run("frozen")];
  const last = "blocks.2.attn.hook_pattern";
  const [before, after] = [plain.cache.get(last)!.data, free.cache.get(last)!.data];
  expect(relative(after, before)).toBeGreaterThan(0.01);
  expect(frozen.cache.get(last)!.data).toEqual(before);
  expect(relative(frozen.logits!.data, free.logits!.data)).toBeGreaterThan(0.01);
});

describe("in the engine", () => {
  let engine: NodeEngine;
  const D = 192;
  const saes = {
    a: randomSae("blocks.1.hook_resid_post", D, 50, 5),
    z: randomSae("blocks.2.attn.hook_z", D, 40, 6),
  };
  const sources = sourcesOf(saes);
  const prompt = [50, 20, 7, 300, 12, 90];
  const vector = Array.from({ length: D }, (_, i) => Math.sin(i));
  const rows: SteerRow[] = [
    row({ kind: "feature", sae: "a", feature: 8 }, { mode: "clamp", amount: 30 }),
    row({ kind: "feature", sae: "z", feature: 3 }, { mode: "multiply", amount: -2 }),
    row(
      { kind: "vector", hook: "blocks.0.hook_resid_post", name: "", vector },
      { mode: "most", at: [-2, 6, 8] },
    ),
    row({ kind: "neuron", layer: 3, neuron: 7 }, { mode: "replace", amount: 3, at: "generated" }),
    row(
      { kind: "vector", hook: "blocks.2.hook_resid_mid", name: "", vector },
      { amount: 4, at: "generated" },
    ),
    row(
      { kind: "vector", hook: "blocks.3.hook_resid_pre", name: "", vector },
      { amount: 4, at: [-1, 7] },
    ),
  ];
  beforeAll(async () => {
    engine = await embeddedEngine();
  });
  afterAll(() => engine.release());
  const model = () => engineAsModel(engine);

  it.each(STEER_ATTENTION)(
    "a generation with its cache is as whole runs, attention %s",
    async (attention) => {
      const steer = { rows, attention };
      const steps = await resolvePerStep(model(), prompt, [], {
        signal,
        sources,
        steer,
        maxNewTokens: 6,
      });
      const chances: number[] = [];
      const { tokens } = await generate(model(), {
        ids: prompt,
        sampling: {
          maxNewTokens: 6,
          temperature: 1,
          topK: 0,
          topP: 1,
          repetitionPenalty: 1,
          seed: 4,
        },
        edits: steps.edits,
        editLength: steps.editLength,
        onToken: ({ probability }) => chances.push(Math.log(probability)),
        signal,
      });
      steps.dispose();
      const { plain, steered } = await scoreText(model(), prompt, tokens, steer, {
        sources,
        signal,
      });
      expect(tokens).toHaveLength(6);
      tokens.forEach((_, i) => expect(chances[i]).toBeCloseTo(steered[i]!, 3));
      expect(steered.some((p, i) => Math.abs(p - plain[i]!) > 0.05)).toBe(true);
    },
  );

  it.each(STEER_ATTENTION)(
    "a dose–response is its settings run alone, attention %s",
    async (attention) => {
      const settings = [-3, 0, 0.5, 2, 5].map((k) =>
        rows.map((each, i) => (i === 0 ? { ...each, amount: 30 * k } : each)),
      );
      settings.push([]);
      const tokens = [11, 250];
      const heard: EffectsProgress[] = [];
      const effects = await steerEffects(
        model(),
        { ids: prompt, settings, attention, tokens, text: null },
        { sources, signal, progress: (value) => heard.push(value), budget: 3e6 },
      );
      expect(heard.at(-1)).toMatchObject({ done: 6, total: 6 });
      expect(heard.flatMap((h) => h.effects.map(([i]) => i))).toEqual([0, 1, 2, 3, 4, 5]);
      for (const [i, alone] of settings.entries()) {
        for (const [t, token] of tokens.entries()) {
          const steer = { rows: alone, attention };
          const { steered } = await scoreText(model(), prompt, [token], steer, { sources, signal });
          expect(effects[i]!.logProbabilities[t]).toBeCloseTo(steered[0]!, 4);
        }
        const { steered } = await scoreText(
          model(),
          prompt.slice(0, 1),
          prompt.slice(1),
          {
            // Chosen positions are of the whole prompt here.
            ...{ attention, rows: alone.filter(({ at }) => at !== "generated").map(absolute) },
          },
          { sources, signal },
        );
        const nll = -steered.reduce((sum, p) => sum + p, 0) / steered.length;
        expect(effects[i]!.perplexity).toBeCloseTo(Math.exp(nll), 1);
      }
      expect(effects[5]!.kl).toBeCloseTo(0, 6);
      expect(effects[0]!.kl).toBeGreaterThan(0.001);
    },
  );
  const absolute = (each: SteerRow): SteerRow =>
    typeof each.at === "string"
      ? each
      : { ...each, at: each.at.map((p) => (p < 0 ? p + prompt.length : p)) };

  it("tells of every strength how long the largest change is beside the stream", async () => {
    const settings = [
      [rows[5]!],
      [{ ...rows[5]!, amount: -12 }, rows[0]!],
      [rows[4]!], // of generated tokens alone
      [],
    ];
    const effects = await steerEffects(
      model(),
      { ids: prompt, settings, attention: "free", tokens: [], text: null },
      { sources, signal, progress: () => undefined },
    );
    const changes = effects.map(({ change }) => change);
    const last = Math.hypot(...(await lastOf("blocks.3.hook_resid_pre")));
    expect(changes[0]).toBeCloseTo(4 / last, 5);
    const told = await steerPrompt(
      model(),
      prompt,
      { rows: settings[1]! },
      { sources, signal, topK: 4 },
    );
    const ratios = told.rows.map((facts) => facts!.change!.ratio);
    expect(ratios[0]).toBeCloseTo(12 / last, 5);
    expect(changes[1]).toBeCloseTo(Math.max(...ratios), 5);
    expect(changes.slice(2)).toEqual([null, null]);
  });

  it("tells what each row does to the prompt", async () => {
    const told = await steerPrompt(
      model(),
      prompt,
      { rows: [...rows, { ...rows[0]!, on: false }] },
      { sources, signal, topK: 4 },
    );
    expect(told.rows.at(-1)).toBeNull();
    const hook = "blocks.1.hook_resid_post";
    const stream = (
      await engine.runner.run({
        ids: [prompt],
        names: [hook, "blocks.2.attn.hook_z"],
        edits: [],
        logits: "none",
      })
    ).cache;
    const norms = prompt.map((_, t) =>
      Math.hypot(...stream.get(hook)!.data.subarray(t * D, (t + 1) * D)),
    );
    const facts = told.rows[0]!;
    expect(facts).toMatchObject({ hook, normHook: hook, own: null });
    expect(facts.norm).toBeCloseTo(norms.slice(1).reduce((a, b) => a + b) / 5, 3);
    expect(facts.reach).toBeCloseTo(facts.length, 6);
    // Row 2 works before it, at one position; there x is another. At the others the clamp adds 30 − f.
    const share = (t: number) => (30 * facts.length) / norms[t]!;
    expect(facts.change!.ratio).toBeGreaterThan(0.5 * Math.max(...prompt.map((_, t) => share(t))));
    // What is added at z arrives through W_O.
    const W_O = engine.weight("h.2.attn.c_proj.weight");
    const d = saes.z.weights.W_dec.subarray(3 * D, 4 * D);
    const arrived = Array.from({ length: D }, (_, j) =>
      d.reduce((sum, v, i) => sum + v * W_O[i * D + j]!, 0),
    );
    expect(told.rows[1]).toMatchObject({ normHook: "blocks.2.hook_resid_mid" });
    expect(told.rows[1]!.reach).toBeCloseTo(Math.hypot(...arrived), 4);
    // Of generated tokens alone: what it would be at the prompt's end.
    expect(told.rows[4]!.change).toMatchObject({ position: prompt.length - 1 });
    expect(told.rows[4]!.change!.ratio).toBeCloseTo(
      4 / Math.hypot(...(await lastOf("blocks.2.hook_resid_mid"))),
      5,
    );
    expect(told.rows[2]!.own).toBeCloseTo(Math.hypot(...vector), 4);
    expect(told.rows[2]!.length).toBe(1);
  });
  const lastOf = async (hook: string) => {
    const { cache } = await engine.runner.run({
      ids: [prompt],
      names: [hook],
      edits: [],
      logits: "none",
    });
    return cache.get(hook)!.data.subarray((prompt.length - 1) * D);
  };
});
