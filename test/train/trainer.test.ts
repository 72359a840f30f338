/** Whole runs on synthetic data: the dictionary is found, runs repeat, go on faithfully, and leave nothing behind. */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import type { SaeConfig } from "../../src/core/sae.ts";
import { keyedRandom } from "../../src/math/keyed-random.ts";
import { explainedVariance } from "../../src/math/reconstruction.ts";
import { decode, encode } from "../../src/math/sae.ts";
import type { Plan } from "../../src/train/schedule.ts";
import { Trainer } from "../../src/train/trainer.ts";
import { normals, useWasm } from "./wasm.ts";

const D = 24;
const TRUE = 40;
const F = 56;
const B = 256;

/** Unit directions, [TRUE, D]. */
const directions = (() => {
  const rows = normals(TRUE * D, 77);
  for (let t = 0; t < TRUE; t++) {
    const row = rows.subarray(t * D, (t + 1) * D);
    const norm = Math.hypot(...row);
    row.forEach((v, d) => (row[d] = v / norm));
  }
  return rows;
})();

/** x = offset + Σ of a few directions, each present with probability 0.04, at strength 1 … 2; scaled by 3. */
function planted(key: number, rows = B): Float32Array {
  const random = keyedRandom(99, key);
  const x = new Float32Array(rows * D).map((_, i) => 3 * Math.sin(i % D));
  for (let b = 0; b < rows; b++) {
    for (let t = 0; t < TRUE; t++) {
      if (random() > 0.04) continue;
      const strength = 3 * (1 + random());
      for (let d = 0; d < D; d++) x[b * D + d]! += strength * directions[t * D + d]!;
    }
  }
  return x;
}
const batch = (key: number): Tensor2D => tf.tensor2d(planted(key), [B, D]);

const plan = (over: Partial<Plan>): Plan => ({
  ...{ variant: "standard", dIn: D, dSae: F, l1: 0.5, k: 4 },
  ...{ lr: 3e-3, batchSize: B, steps: 1500, seed: 5 },
  ...over,
});

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

/** Mean over true directions of the largest cosine with a decoder row (whose norms are 1). */
function meanMaxCosine(W_dec: Float32Array): number {
  let sum = 0;
  for (let t = 0; t < TRUE; t++) {
    let best = -1;
    for (let f = 0; f < F; f++) {
      let dot = 0;
      for (let d = 0; d < D; d++) dot += directions[t * D + d]! * W_dec[f * D + d]!;
      best = Math.max(best, dot);
    }
    sum += best / TRUE;
  }
  return sum;
}

beforeAll(useWasm);

describe.each(["standard", "topk"] as const)("training %s", (variant) => {
  it("recovers a planted dictionary, in the model's own scale", async () => {
    const trainer = await started({ variant });
    while (trainer.step < trainer.plan.steps) {
      step(trainer);
      if (trainer.step % 50 === 0) await trainer.report();
    }
    const weights = await trainer.weights();
    trainer.dispose();
    expect(meanMaxCosine(weights.W_dec)).toBeGreaterThan(0.9);
    for (let f = 0; f < F; f++) {
      expect(Math.hypot(...weights.W_dec.subarray(f * D, (f + 1) * D))).toBeCloseTo(1, 4);
    }
    const config: Pick<SaeConfig, "variant" | "dIn" | "dSae" | "k" | "applyBDecToInput"> = {
      ...{ variant, dIn: D, dSae: F, k: variant === "topk" ? 4 : null, applyBDecToInput: false },
    };
    const held = planted(-1);
    const f = encode(held, weights, config);
    expect(explainedVariance(held, decode(f, weights, config), D)).toBeGreaterThan(0.9);
    expect(f.filter((v) => v > 0).length / B).toBeLessThan(6); // 1.6 true directions a token
  });

  it("repeats itself for a seed, and not for another", async () => {
    const run = async (seed: number) => {
      const trainer = await started({ variant, seed });
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
    const whole = await started({ variant });
    for (let i = 0; i < 12; i++) step(whole);
    const first = await started({ variant });
    for (let i = 0; i < 7; i++) step(first);
    const checkpoint = await first.checkpoint();
    first.dispose();
    const second = Trainer.resume(plan({ variant }), checkpoint);
    expect(second.step).toBe(7);
    for (let i = 0; i < 5; i++) step(second);
    expect(await second.weights()).toEqual(await whole.weights());
    second.dispose();
    whole.dispose();
  });

  it("frees every tensor", async () => {
    const before = tf.memory().numTensors;
    const trainer = await started({ variant });
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
    const trainer = await started({ variant });
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
    const trainer = await started({ l1: 1, steps: 20 }); // one step of warm-up: λ is whole at once
    const weights = await trainer.weights();
    const x = planted(1);
    step(trainer);
    const report = await trainer.report();
    const config = {
      variant: "standard",
      dIn: D,
      dSae: F,
      k: null,
      applyBDecToInput: false,
    } as const;
    const f = encode(x, weights, config);
    const xHat = decode(f, weights, config);
    const s = trainer.scale;
    const squares = xHat.reduce((sum, v, i) => sum + (s * (v - x[i]!)) ** 2, 0);
    expect(report.reconstructionLoss).toBeCloseTo(squares / B, 3);
    expect(report.sparsityLoss).toBeCloseTo((s * f.reduce((a, b) => a + b, 0)) / B, 3);
    expect(report.l0).toBeCloseTo(f.filter((v) => v > 0).length / B, 5);
    expect(report.explainedVariance).toBeCloseTo(explainedVariance(x, xHat, D), 4);
    expect(report.dead).toBe(0);
    trainer.dispose();
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
  const kill = async (variant: "standard" | "topk") => {
    const trainer = await started({ variant, l1: 0.1, k: 3 });
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
    const config = {
      variant: "standard",
      dIn: D,
      dSae: F,
      k: null,
      applyBDecToInput: false,
    } as const;
    const f = encode(planted(-2, 1000), weights, config);
    return Float32Array.from(
      { length: F },
      (_, j) => f.filter((v, i) => i % F === j && v > 0).length,
    );
  };

  it("are counted, resampled in L1 training, and forget their moments", async () => {
    const before = tf.memory().numTensors;
    const trainer = Trainer.resume(plan({ l1: 0.1 }), await kill("standard"));
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

  it("get a gradient from the auxiliary loss in TopK training", async () => {
    const checkpoint = await kill("topk");
    for (const f of [2, 9, 30]) checkpoint.arrays.params.b_enc[f] = -1.5; // above 0 at times, never among the largest
    const trainer = Trainer.resume(plan({ variant: "topk", k: 3 }), checkpoint);
    for (let i = 0; i < 5; i++) step(trainer);
    const { arrays } = await trainer.checkpoint();
    for (const f of [2, 9, 30]) expect(arrays.v.b_enc[f]).toBeGreaterThan(0);
    expect((await trainer.report()).sparsityLoss).toBeGreaterThan(0);
    trainer.dispose();
  });
});
