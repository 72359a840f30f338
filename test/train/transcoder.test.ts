/** Transcoders on synthetic pairs: what is read and what is written lie in spaces of unequal size and scale. */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { DEFAULT_PACE, type Recipe } from "../../src/core/sae-recipe.ts";
import { type SaeConfig, trainedVariant, weightShapes } from "../../src/core/sae.ts";
import { exportSae, importSae } from "../../src/formats/sae-lens.ts";
import { keyedRandom } from "../../src/math/keyed-random.ts";
import { explainedVariance } from "../../src/math/reconstruction.ts";
import { decode, encode } from "../../src/math/sae.ts";
import type { Plan } from "../../src/train/schedule.ts";
import { Trainer } from "../../src/train/trainer.ts";
import { meanMaxCosine, plantedRecipes, unitRows } from "./planted-rows.ts";
import { normals, useWasm } from "./wasm.ts";

const [D, E, TRUE, F, B] = [32, 24, 40, 56, 256];

const read = unitRows(TRUE, D, 77);
const written = unitRows(TRUE, E, 78);
/** [E, D] */
const linear = normals(E * D, 79).map((v) => 0.15 * v);

/**
 * x = offset + Σ of a few directions, each present with probability 0.05, at strength 3 … 6; y the same sum of others, ten
 * times smaller, with an offset of its own; with `skip` a linear map of x as well. [rows, D + E]
 */
function pairs(key: number, skip: boolean, rows = B): Float32Array {
  const random = keyedRandom(99, key);
  const out = new Float32Array(rows * (D + E));
  for (let b = 0; b < rows; b++) {
    const x = out.subarray(b * (D + E), b * (D + E) + D);
    const y = out.subarray(b * (D + E) + D, (b + 1) * (D + E));
    x.forEach((_, d) => (x[d] = 3 * Math.sin(d)));
    y.forEach((_, e) => (y[e] = 0.2 * Math.cos(e)));
    for (let t = 0; t < TRUE; t++) {
      if (random() > 0.05) continue;
      const strength = 3 * (1 + random());
      for (let d = 0; d < D; d++) x[d]! += strength * read[t * D + d]!;
      for (let e = 0; e < E; e++) y[e]! += 0.1 * strength * written[t * E + e]!;
    }
    if (!skip) continue;
    y.forEach((_, e) => {
      for (let d = 0; d < D; d++) y[e]! += 0.1 * linear[e * D + d]! * x[d]!;
    });
  }
  return out;
}
const half = (rows: Float32Array, from: number, width: number): Float32Array =>
  Float32Array.from(
    { length: (rows.length / (D + E)) * width },
    (_, i) => rows[Math.floor(i / width) * (D + E) + from + (i % width)]!,
  );

const CASES = plantedRecipes(F).flatMap(([name, recipe]) =>
  [false, true].map((skip) => ({ name, recipe, skip })),
);

const planOf = (recipe: Recipe, skip: boolean, over: Partial<Plan> = {}): Plan => ({
  ...{ ...DEFAULT_PACE, recipe, dIn: D, dSae: F, out: { width: E, skip } },
  ...{ lr: 5e-3, batchSize: B, steps: 500, seed: 5 },
  ...over,
});
const configOf = (recipe: Recipe, skip: boolean) =>
  ({
    variant: trainedVariant(recipe.variant),
    ...(recipe.variant === "topk" && { k: recipe.k }),
    ...{ dIn: D, dSae: F, applyBDecToInput: false, prependBos: true, contextSize: 64 },
    ...{ hook: "blocks.0.ln2.hook_normalized", modelId: "m" },
    out: { hook: "blocks.0.hook_mlp_out", width: E, skip },
  }) as SaeConfig;

const tensorOf = (rows: Float32Array): Tensor2D =>
  tf.tensor2d(rows, [rows.length / (D + E), D + E]);
async function started(plan: Plan): Promise<Trainer> {
  const sample = tensorOf(pairs(0, plan.out!.skip, 4 * B));
  try {
    return await Trainer.start(plan, sample);
  } finally {
    sample.dispose();
  }
}
const batches = new Map<string, Float32Array>();
/** The same 64 batches again and again. */
function batch(step: number, skip: boolean): Float32Array {
  const key = `${step % 64} ${skip}`;
  const rows = batches.get(key) ?? pairs(1 + (step % 64), skip);
  batches.set(key, rows);
  return rows;
}
function step(trainer: Trainer): void {
  const rows = tensorOf(batch(trainer.step, trainer.plan.out!.skip));
  trainer.train(rows);
  rows.dispose();
}

beforeAll(useWasm);

describe.each(CASES)("a transcoder trained by $name, skip $skip", ({ recipe, skip }) => {
  it("recovers what is written, in the model's own scale, and explains y", async () => {
    const before = tf.memory().numTensors;
    const trainer = await started(planOf(recipe, skip));
    let last = 0;
    while (trainer.step < trainer.plan.steps) {
      step(trainer);
      if (trainer.step % 50 === 0) last = (await trainer.report()).explainedVariance;
    }
    const weights = await trainer.weights();
    trainer.dispose();
    expect(tf.memory().numTensors).toBe(before);
    const config = configOf(recipe, skip);
    for (const [name, shape] of weightShapes(config)) {
      expect(weights[name]!.length, name).toBe(shape.reduce((a, b) => a * b, 1));
    }
    for (let f = 0; f < F; f++) {
      expect(Math.hypot(...weights.W_dec.subarray(f * E, (f + 1) * E))).toBeCloseTo(1, 4);
    }
    const held = pairs(-1, skip, 4 * B);
    const [x, y] = [half(held, 0, D), half(held, D, E)];
    const f = encode(x, weights, config);
    const explained = explainedVariance(y, decode(f, weights, config, x), E);
    expect(explained).toBeGreaterThan(skip ? 0.9 : 0.75);
    expect(Math.abs(explained - last)).toBeLessThan(0.1);
    expect(f.filter((v) => v > 0).length / (f.length / F)).toBeLessThan(6);
    // A skip connection takes over what is linear, so that features need not be the planted ones.
    if (!skip) expect(meanMaxCosine(written, weights.W_dec, E)).toBeGreaterThan(0.88);
  });

  it("repeats itself for a seed, and goes on from a checkpoint as if it had not stopped", async () => {
    const run = async (trainer: Trainer, steps: number) => {
      for (let i = 0; i < steps; i++) step(trainer);
      return trainer;
    };
    const whole = await run(await started(planOf(recipe, skip)), 9);
    const first = await run(await started(planOf(recipe, skip)), 4);
    const checkpoint = await first.checkpoint();
    first.dispose();
    const second = await run(Trainer.resume(planOf(recipe, skip), checkpoint), 5);
    expect(await second.weights()).toEqual(await whole.weights());
    second.dispose();
    whole.dispose();
  });

  it("is the same after SAELens's files, bit for bit", async () => {
    const trainer = await started(planOf(recipe, skip));
    for (let i = 0; i < 3; i++) step(trainer);
    const weights = await trainer.weights();
    trainer.dispose();
    const config = configOf(recipe, skip);
    const [cfg, file] = exportSae(config, weights).map(({ bytes }) => bytes);
    const back = importSae(cfg!, file!);
    expect(back.weights).toEqual(weights);
    expect(back.config).toEqual(config);
  });
});

it("a dead latent gets the direction of what it reads, and of what is to be written", async () => {
  const recipe: Recipe = { variant: "standard", l1: 0.1, decoderNorm: "unit" };
  const trainer = await started(planOf(recipe, true));
  const checkpoint = await trainer.checkpoint();
  trainer.dispose();
  const dead = 7;
  checkpoint.arrays.params.b_enc[dead] = -1e4;
  checkpoint.arrays.silence[dead] = 200_000;
  const again = Trainer.resume(planOf(recipe, true), { ...checkpoint, revive: true });
  const rows = tensorOf(pairs(3, true));
  expect(await again.resample(rows)).toBe(1);
  rows.dispose();
  const { params } = (await again.checkpoint()).arrays;
  again.dispose();
  const column = (values: Float32Array, width: number) =>
    Float32Array.from({ length: width }, (_, i) => values[i * F + dead]!);
  expect(Math.hypot(...column(params.W_decT, E))).toBeCloseTo(1, 4);
  // Some token's own directions: y − b_dec (the skip connection is still 0), and x − its mean.
  const own = pairs(3, true);
  const { scale, centre, out } = checkpoint;
  const cosines = (values: Float32Array, from: Float32Array, by: number, to: Float32Array) => {
    const width = from.length;
    return Array.from({ length: B }, (_, b) => {
      const row = values.subarray(b * width, (b + 1) * width).map((v, i) => by * v - from[i]!);
      const dot = row.reduce((sum, v, i) => sum + v * to[i]!, 0);
      return dot / (Math.hypot(...row) * Math.hypot(...to));
    });
  };
  const ofX = cosines(half(own, 0, D), centre, scale, column(params.W_enc, D));
  const ofY = cosines(half(own, D, E), out!.centre, out!.scale, column(params.W_decT, E));
  const token = ofX.findIndex((c) => c > 0.9999);
  expect(token).toBeGreaterThanOrEqual(0);
  expect(ofY[token]).toBeGreaterThan(0.9999);
});
