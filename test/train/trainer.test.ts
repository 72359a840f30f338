/** Whole runs on synthetic data: the dictionary is found, runs repeat, go on faithfully, and leave nothing behind. */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { DEFAULT_PACE, LOSS_PARTS, type Recipe } from "../../src/core/sae-recipe.ts";
import { type SaeConfig, trainedVariant } from "../../src/core/sae.ts";
import { exportSae, importSae } from "../../src/formats/sae-lens.ts";
import { keyedRandom } from "../../src/math/keyed-random.ts";
import { explainedVariance } from "../../src/math/reconstruction.ts";
import { decode, encode } from "../../src/math/sae.ts";
import { updated } from "../../src/train/adam.ts";
import { zerosLike } from "../../src/train/parameters.ts";
import type { Plan } from "../../src/train/schedule.ts";
import { Trainer } from "../../src/train/trainer.ts";
import { meanMaxCosine, plantedRecipes, unitRows } from "./planted-rows.ts";
import { useWasm } from "./wasm.ts";

const D = 32;
const TRUE = 40;
const F = 56;
const B = 256;

/** [TRUE, D] */
const directions = unitRows(TRUE, D, 77);

/** x = offset + Σ of a few directions, each present with probability 0.05, at strength 1 … 2; scaled by 3. */
function planted(key: number, rows = B): Float32Array {
  const random = keyedRandom(99, key);
  const x = new Float32Array(rows * D).map((_, i) => 3 * Math.sin(i % D));
  for (let b = 0; b < rows; b++) {
    for (let t = 0; t < TRUE; t++) {
      if (random() > 0.05) continue;
      const strength = 3 * (1 + random());
      for (let d = 0; d < D; d++) x[b * D + d]! += strength * directions[t * D + d]!;
    }
  }
  return x;
}
const batch = (key: number): Tensor2D => tf.tensor2d(planted(key), [B, D]);

const L1: Recipe = { variant: "standard", l1: 0.5, decoderNorm: "unit" };
const plan = (over: Partial<Plan>): Plan => ({
  ...{ ...DEFAULT_PACE, recipe: L1, dIn: D, dSae: F },
  ...{ lr: 5e-3, batchSize: B, steps: 800, seed: 5 },
  ...over,
});

const RECIPES = plantedRecipes(F);

/** As the lab would say it of the finished SAE. */
function configOf(recipe: Recipe) {
  const variant = trainedVariant(recipe.variant);
  const k = recipe.variant === "topk" ? recipe.k : null;
  return { variant, dIn: D, dSae: F, k, applyBDecToInput: false } as const;
}
const l0Of = (f: Float32Array) => f.filter((v) => v > 0).length / (f.length / F);

async function started(over: Partial<Plan>): Promise<Trainer> {
  const sample = tf.tensor2d(planted(0, 4 * B), [4 * B, D]);
  try {
    return await Trainer.start(plan(over), sample);
  } finally {
    sample.dispose();
  }
}

function step(trainer: Trainer): void {
  const x = batch(1 + trainer.step);
  trainer.train(x);
  x.dispose();
}

beforeAll(useWasm);

describe.each(RECIPES)("training %s", (_, recipe) => {
  it("recovers a planted dictionary, in the model's own scale", async () => {
    const trainer = await started({ recipe });
    while (trainer.step < trainer.plan.steps) {
      step(trainer);
      if (trainer.step % 50 === 0) await trainer.report();
    }
    const weights = await trainer.weights();
    trainer.dispose();
    expect(meanMaxCosine(directions, weights.W_dec, D)).toBeGreaterThan(0.9);
    for (let f = 0; f < F; f++) {
      expect(Math.hypot(...weights.W_dec.subarray(f * D, (f + 1) * D))).toBeCloseTo(1, 4);
    }
    const config = configOf(recipe);
    const held = planted(-1, 4 * B);
    const f = encode(held, weights, config);
    expect(explainedVariance(held, decode(f, weights, config), D)).toBeGreaterThan(0.85);
    const l0 = l0Of(f); // 2 true directions a token
    expect(l0).toBeLessThan(4);
    // Where a number is aimed at, what comes out has it on tokens alone, without a batch around them.
    if (recipe.variant === "batchtopk" || recipe.variant === "matryoshka") {
      expect(Math.abs(l0 / recipe.k - 1)).toBeLessThan(0.1);
    }
    if (recipe.variant === "jumprelu")
      expect(Math.abs(l0 / recipe.targetL0 - 1)).toBeLessThan(0.15);
  });

  it("repeats itself for a seed, and not for another", async () => {
    const run = async (seed: number) => {
      const trainer = await started({ recipe, seed });
      for (let i = 0; i < 10; i++) step(trainer);
      const weights = await trainer.weights();
      trainer.dispose();
      return weights;
    };
    const [one, same, other] = [await run(5), await run(5), await run(6)];
    expect(same).toEqual(one);
    expect(other.W_enc).not.toEqual(one.W_enc);
  });

  it("goes on from a checkpoint as if it had not stopped", async () => {
    const whole = await started({ recipe });
    for (let i = 0; i < 12; i++) step(whole);
    const first = await started({ recipe });
    for (let i = 0; i < 7; i++) step(first);
    const checkpoint = await first.checkpoint();
    first.dispose();
    const second = Trainer.resume(plan({ recipe }), checkpoint);
    expect(second.step).toBe(7);
    for (let i = 0; i < 5; i++) step(second);
    expect(await second.weights()).toEqual(await whole.weights());
    second.dispose();
    whole.dispose();
  });

  it("is the same SAE after SAELens's files, bit for bit", async () => {
    const trainer = await started({ recipe });
    for (let i = 0; i < 5; i++) step(trainer);
    const weights = await trainer.weights();
    trainer.dispose();
    const config = {
      ...configOf(recipe),
      ...{ hook: "blocks.0.hook_mlp_out", modelId: "m", prependBos: true, contextSize: 64 },
    } as SaeConfig;
    const [cfg, file] = exportSae(config, weights).map(({ bytes }) => bytes);
    const back = importSae(cfg!, file!);
    const held = planted(-1);
    expect(encode(held, back.weights, back.config)).toEqual(encode(held, weights, config));
    expect(back.weights).toEqual(weights);
  });

  it("frees every tensor", async () => {
    const before = tf.memory().numTensors;
    const trainer = await started({ recipe });
    step(trainer);
    const during = tf.memory().numTensors;
    for (let i = 0; i < 20; i++) step(trainer);
    expect(tf.memory().numTensors).toBe(during);
    await trainer.report();
    await trainer.checkpoint();
    expect(tf.memory().numTensors).toBe(during);
    trainer.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it("frees every tensor and stays as it was when a step throws", async () => {
    const before = tf.memory().numTensors;
    const trainer = await started({ recipe });
    step(trainer);
    const weights = await trainer.weights();
    const [during, at] = [tf.memory().numTensors, trainer.step];
    const wrong = tf.zeros<tf.Rank.R2>([B, D + 1]);
    expect(() => trainer.train(wrong)).toThrow();
    wrong.dispose();
    expect(tf.memory().numTensors).toBe(during);
    expect(trainer.step).toBe(at);
    expect(await trainer.weights()).toEqual(weights);
    trainer.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe("reports", () => {
  it("agree with the canonical definitions on the same batch", async () => {
    const recipe: Recipe = { ...L1, l1: 1 };
    const trainer = await started({ recipe, sparsityWarmUp: 0 });
    const weights = await trainer.weights();
    const x = planted(1);
    step(trainer);
    const report = await trainer.report();
    const config = configOf(L1);
    const f = encode(x, weights, config);
    const xHat = decode(f, weights, config);
    const s = trainer.scale;
    const squares = xHat.reduce((sum, v, i) => sum + (s * (v - x[i]!)) ** 2, 0);
    expect(report.reconstructionLoss).toBeCloseTo(squares / B, 3);
    expect(report.sparsityLoss).toBeCloseTo((s * f.reduce((a, b) => a + b, 0)) / B, 3);
    expect(report.l0).toBeCloseTo(f.filter((v) => v > 0).length / B, 5);
    expect(report.explainedVariance).toBeCloseTo(explainedVariance(x, xHat, D), 4);
    expect(report.dead).toBe(0);
    expect(report.lossParts).toEqual([report.sparsityLoss]);
    const mean = Float64Array.from({ length: D }, (_, d) =>
      x.reduce((sum, v, i) => (i % D === d ? sum + v / B : sum), 0),
    );
    // One step of Adam has moved b_dec by the learning rate in each entry, whatever its gradient.
    const moved = (await trainer.checkpoint()).arrays.params.b_dec;
    expect(report.biasDistance).toBeCloseTo(
      Math.hypot(...moved.map((v, d) => v - s * mean[d]!)),
      3,
    );
    trainer.dispose();
  });

  it.each(RECIPES)(
    "of %s tell the loss in its parts, and the gradient's norm",
    async (_, recipe) => {
      const trainer = await started({ recipe, sparsityWarmUp: 0 });
      step(trainer);
      step(trainer);
      const { lossParts, sparsityLoss, gradientNorm } = await trainer.report();
      expect(lossParts).toHaveLength(LOSS_PARTS[recipe.variant].length);
      const beside = recipe.variant === "matryoshka" ? lossParts.slice(1) : lossParts;
      expect(beside.reduce((a, b) => a + b, 0)).toBeCloseTo(sparsityLoss, 4);
      expect(gradientNorm).toBeGreaterThan(0);
      trainer.dispose();
    },
  );

  it("tell the norm of the gradient before it is clipped", () => {
    tf.tidy(() => {
      const gradients = {
        W_enc: tf.tensor2d([3, 0], [1, 2]),
        W_decT: tf.tensor2d([0, 4], [1, 2]),
        b_enc: tf.tensor1d([12, 0]),
        b_dec: tf.tensor1d([0]),
      };
      const zeros = zerosLike(gradients);
      const rates = { share1: 1, share2: 0, rate: 0, epsilon: 1 }; // the first moment is then the gradient
      const state = { params: zeros, m: zeros, v: zeros };
      const { norm, m } = updated(state, gradients, false, () => rates);
      expect(norm.dataSync()[0]).toBeCloseTo(13, 5);
      expect(m.b_enc.dataSync()[0]).toBeCloseTo(12 / 13, 5);
    });
  });

  it("scale the inputs to a mean norm of √D", async () => {
    const trainer = await started({});
    const sample = planted(0, 4 * B);
    let norms = 0;
    for (let b = 0; b < 4 * B; b++) norms += Math.hypot(...sample.subarray(b * D, (b + 1) * D));
    expect((trainer.scale * norms) / (4 * B)).toBeCloseTo(Math.sqrt(D), 3);
    trainer.dispose();
  });

  it("cannot start on activations that are all 0 or not finite", async () => {
    for (const value of [0, Number.NaN]) {
      const sample = tf.fill<tf.Rank.R2>([8, D], value);
      const before = tf.memory().numTensors;
      await expect(Trainer.start(plan({}), sample)).rejects.toMatchObject({ code: "degenerate" });
      expect(tf.memory().numTensors).toBe(before);
      sample.dispose();
    }
  });
});

describe("dead latents", () => {
  const kill = async (recipe: Recipe) => {
    const trainer = await started({ recipe });
    const checkpoint = await trainer.checkpoint();
    trainer.dispose();
    const { arrays } = checkpoint;
    for (const f of [2, 9, 30]) {
      arrays.params.b_enc[f] = -1e4; // never above 0, nor among the k largest
      arrays.silence[f] = 200_000;
    }
    arrays.m.b_enc[9] = 5;
    return { ...checkpoint, arrays, step: 500, revive: true };
  };
  const alive = (fired: Float32Array) => [2, 9, 30].filter((f) => fired[f]! > 0);
  const activity = async (trainer: Trainer) => {
    const weights = await trainer.weights();
    const config = configOf(L1);
    const f = encode(planted(-2, 1000), weights, config);
    return Float32Array.from(
      { length: F },
      (_, j) => f.filter((v, i) => i % F === j && v > 0).length,
    );
  };

  it.each<[string, Recipe]>([
    ["L1", { ...L1, l1: 0.1 }],
    ["gated", { variant: "gated", l1: 0.1 }],
  ])("are counted, resampled in %s training, and forget their moments", async (_, recipe) => {
    const before = tf.memory().numTensors;
    const trainer = Trainer.resume(plan({ recipe }), await kill(recipe));
    step(trainer);
    expect((await trainer.report()).dead).toBe(3);
    const x = batch(3);
    expect(await trainer.resample(x)).toBe(3);
    x.dispose();
    const { arrays } = await trainer.checkpoint();
    expect(arrays.m.b_enc[9]).toBe(0);
    expect(arrays.silence[9]).toBe(0);
    expect(alive(await activity(trainer))).toEqual([2, 9, 30]);
    step(trainer);
    expect((await trainer.report()).dead).toBe(0);
    trainer.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it("are resampled when it is time, in training with a penalty only", async () => {
    const at = async (recipe: Recipe, step: number) => {
      const trainer = Trainer.resume(plan({ recipe }), { ...(await kill(recipe)), step });
      trainer.dispose();
      return trainer.resamplesNow;
    };
    expect([await at(L1, 391), await at(L1, 390), await at(L1, 782)]).toEqual([true, false, false]);
    expect(await at({ variant: "topk", k: 3 }, 391)).toBe(false);
  });

  it.each<[string, Recipe]>([
    ["TopK", { variant: "topk", k: 3 }],
    ["BatchTopK", { variant: "batchtopk", k: 3 }],
    ["Matryoshka", { variant: "matryoshka", k: 3, widths: [28, F] }],
    ["JumpReLU", { variant: "jumprelu", targetL0: 3, l0Weight: 1, bandwidth: 0.5 }],
  ])("are drawn towards what is left over in %s training", async (_, recipe) => {
    const checkpoint = await kill(recipe);
    const { params } = checkpoint.arrays;
    for (const f of [2, 9, 30]) {
      params.b_enc[f] = 0.01; // above 0, never among the largest
      for (let d = 0; d < D; d++) params.W_enc[d * F + f] = 0;
    }
    params.log_threshold?.fill(Math.log(20));
    const trainer = Trainer.resume(plan({ recipe }), checkpoint);
    for (let i = 0; i < 5; i++) step(trainer);
    const { arrays } = await trainer.checkpoint();
    for (const f of [2, 9, 30]) expect(arrays.v.b_enc[f]).toBeGreaterThan(0);
    expect((await trainer.report()).sparsityLoss).toBeGreaterThan(0);
    trainer.dispose();
  });
});
