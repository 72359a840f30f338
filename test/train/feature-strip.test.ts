/** Features looked at while they learn: against the definition, on a trainer of a handful of latents. */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, beforeEach, expect, it } from "vitest";
import { DEFAULT_PACE } from "../../src/core/sae-recipe.ts";
import { FeatureStrip, SAMPLED, watched } from "../../src/train/feature-strip.ts";
import { encode } from "../../src/math/sae.ts";
import { Trainer } from "../../src/train/trainer.ts";
import { normals, useWasm } from "./wasm.ts";

const [D, F, C, T] = [6, 40, 5, 12];
const P = C * (T - 1);
const plan = {
  ...{ ...DEFAULT_PACE, recipe: { variant: "topk", k: 2 } as const, dIn: D, dSae: F },
  ...{ batchSize: P, steps: 100, seed: 3, sparsityWarmUp: 0 },
};
const x = normals(P * D, 8).map((v) => 3 * v);
const ids = Int32Array.from({ length: C * T }, (_, i) => (i % T === 0 ? 0 : 1000 + i));

beforeAll(useWasm);
beforeEach(() => (watched.on = true));

async function opened() {
  const rows = tf.tensor2d(x, [P, D]);
  const trainer = await Trainer.start(plan, rows);
  trainer.train(rows);
  await trainer.report();
  const strip = new FeatureStrip({ ids, contextSize: T, rows }, F, 3, (some) => some.map(String));
  return { trainer, strip };
}

it("tells share, strongest activation and the tokens about it, as they are by definition", async () => {
  const before = tf.memory().numTensors;
  const { trainer, strip } = await opened();
  const samples = await strip.look(trainer, () => 0);
  const config = { variant: "topk", k: 2, dIn: D, dSae: F, applyBDecToInput: false } as const;
  const f = encode(x, await trainer.weights(), config).map((v) => v * trainer.scale);
  expect(samples).toHaveLength(SAMPLED);
  expect(new Set(samples.map(({ feature }) => feature)).size).toBe(SAMPLED);
  for (const { feature, density, max, examples } of samples) {
    const column = Array.from({ length: P }, (_, p) => f[p * F + feature]!);
    expect(density).toBeCloseTo(column.filter((v) => v > 0).length / P, 6);
    expect(density).toBeLessThanOrEqual(0.1);
    expect(max).toBeCloseTo(Math.max(...column), 3);
    const peaks = examples.map(({ activations, peak }) => activations[peak]!);
    expect(peaks[0]).toBeCloseTo(max, 5);
    expect(peaks).toEqual(peaks.toSorted((a, b) => b - a));
    for (const { tokens, activations, peak } of examples) {
      const at = Number(tokens[peak]) - 1000; // in all contexts, BOS counted
      const row = at - Math.floor(at / T) - 1;
      expect(activations[peak]).toBeCloseTo(column[row]!, 3);
      tokens.forEach((token, i) => {
        expect(Number(token)).toBe(1000 + at + i - peak); // neighbours, none of another context
        expect(activations[i]).toBeCloseTo(column[row + i - peak]!, 3);
      });
      expect(tokens).not.toContain("0");
    }
    const contexts = examples.map(({ tokens }) => Math.floor((Number(tokens[0]) - 1000) / T));
    expect(new Set(contexts).size).toBe(contexts.length);
  }
  strip.dispose();
  trainer.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

it("stays with the features that it has, and is due again only after a while", async () => {
  const { trainer, strip } = await opened();
  expect(strip.due(0, 1)).toBe(true);
  const first = await strip.look(trainer, () => 10);
  expect([strip.due(11, 500), strip.due(100, 10), strip.due(100, 500)]).toEqual([
    false,
    false,
    true,
  ]);
  expect(strip.due(11, 10, true)).toBe(true); // the end of the run
  watched.on = false;
  expect([strip.due(100, 500), strip.due(100, 500, true)]).toEqual([false, false]);
  const again = await strip.look(trainer, () => 20);
  expect(again).toEqual(first);
  strip.dispose();
  trainer.dispose();
});

it("gives the place of one that fell silent to another", async () => {
  const { trainer, strip } = await opened();
  const first = await strip.look(trainer, () => 0);
  const { step, scale, centre, revive, arrays } = await trainer.checkpoint();
  const [gone, ...stay] = first.map(({ feature }) => feature);
  arrays.params.b_enc[gone!] = -1e6;
  const later = Trainer.resume(plan, { step, scale, centre, revive, arrays });
  const silent = (await strip.look(later, () => 0)).find(({ feature }) => feature === gone);
  expect(silent).toMatchObject({ density: 0, examples: [] });
  const then = (await strip.look(later, () => 0)).map(({ feature }) => feature);
  expect(then).not.toContain(gone);
  expect(then.slice(0, stay.length)).toEqual(stay);
  expect(then).toHaveLength(SAMPLED);
  [trainer, later].forEach((each) => each.dispose());
  strip.dispose();
});
