/** A neuron's weights and the features beside it, against literal float64 computations. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readParameter } from "../../src/lab/basis-parameters.ts";
import { residualEffects } from "../../src/lab/direct-effects.ts";
import { sliceOf } from "../../src/lab/feature-reader.ts";
import { cosinesWith, neuronCorrelations } from "../../src/lab/neuron-features.ts";
import { writeDirection, writeNorms } from "../../src/lab/neuron-figure.ts";
import { whatItReads } from "../../src/lab/neuron-reads.ts";
import { keyedRandom, normal } from "../../src/math/keyed-random.ts";
import { encode } from "../../src/math/sae.ts";
import type { LoadedModel } from "../../src/model/loaded-model.ts";
import { nodeEngine, type NodeEngine } from "../model/node-engine.ts";
import { tinyCheckpoint } from "../model/tiny-checkpoint.ts";
import { relative } from "../reference/compare.ts";
import { ODD } from "../reference/models.ts";
import { processed } from "../reference/tl-weights.ts";
import { referenceModel, type ReferenceModel } from "../reference/weights.ts";
import { engineAsModel } from "./engine-model.ts";

const { n_embd: D, n_inner: m, vocab_size: V } = ODD;
const id = { layer: 2, neuron: 31 };

let engine: NodeEngine;
let model: LoadedModel;
let references: Record<"raw" | "tl", ReferenceModel>;
beforeAll(async () => {
  const { config, weights } = tinyCheckpoint({ ...ODD });
  engine = await nodeEngine(config, weights);
  model = engineAsModel(engine);
  const raw = referenceModel(engine.config, engine.weight);
  references = { raw, tl: processed(raw) };
});
afterAll(() => engine.release());

describe.each(["raw", "tl"] as const)("in the %s basis", (basis) => {
  it("what it reads is W_E times its column of W_in", async () => {
    const { W_E, blocks } = references[basis];
    const { W, b } = blocks[id.layer]!.mlpIn;
    const { reads, bias } = await whatItReads(model, id, basis);
    const expected = Float64Array.from({ length: V }, (_, v) => {
      let sum = 0;
      for (let d = 0; d < D; d++) sum += W_E[v * D + d]! * W[d * m + id.neuron]!;
      return sum;
    });
    expect(relative(reads, expected)).toBeLessThan(1e-5);
    expect(bias).toBeCloseTo(b[id.neuron]!, 4);
    const { data: b_in } = await readParameter(model, `blocks.${id.layer}.mlp.b_in`, basis);
    expect(bias).toBeCloseTo(b_in[id.neuron]!, 4);
  });
  it("what it writes is its row of W_out through W_U", async () => {
    const { blocks, unembed } = references[basis];
    const row = blocks[id.layer]!.mlpOut.W.subarray(id.neuron * D, (id.neuron + 1) * D);
    const effects = await residualEffects(model, await writeDirection(model, id), basis);
    const expected = Float64Array.from({ length: V }, (_, v) => {
      let sum = 0;
      for (let d = 0; d < D; d++) sum += row[d]! * unembed.W[d * V + v]!;
      return sum;
    });
    expect(relative(effects, expected)).toBeLessThan(1e-5);
    const norms = await writeNorms(model, id.layer, basis);
    expect(norms).toHaveLength(m);
    expect(norms[id.neuron]).toBeCloseTo(Math.hypot(...row), 4);
  });
});

it("cosines of a direction: 1, −1, 0, and 0 with a row of zeros", () => {
  const cosines = cosinesWith(Float32Array.of(3, 4), Float32Array.of(6, 8, -3, -4, 4, -3, 0, 0));
  [1, -1, 0, 0].forEach((c, i) => expect(cosines[i]).toBeCloseTo(c, 6));
});
it("there are no neurons beyond the last", async () => {
  await expect(writeDirection(model, { layer: 3, neuron: 0 })).rejects.toThrow(/layer 3 is not/);
  await expect(writeDirection(model, { layer: 0, neuron: m })).rejects.toThrow(/neuron 53 is not/);
});
it("an SAE too wide to be correlated here is said to be", async () => {
  const config = { dIn: 768, dSae: 131072, variant: "topk", hook: "blocks.0.hook_resid_post" };
  const sae = { config, weights: {} } as unknown as Parameters<typeof neuronCorrelations>[2];
  const { signal } = new AbortController();
  await expect(neuronCorrelations(model, id, sae, [1], signal)).rejects.toThrow(/too wide/);
});

it.each(["standard", "jumprelu", "gated"] as const)(
  "some features of a %s SAE by themselves are active as among all",
  (variant) => {
    const [dIn, dSae] = [5, 7];
    const random = keyedRandom(3);
    const numbers = (n: number) => Float32Array.from({ length: n }, () => normal(random));
    const weights = {
      ...{ W_enc: numbers(dIn * dSae), W_dec: numbers(dSae * dIn), b_dec: numbers(dIn) },
      b_enc: numbers(dSae),
      ...(variant === "jumprelu" && { threshold: numbers(dSae).map(Math.abs) }),
      ...(variant === "gated" && { r_mag: numbers(dSae), b_mag: numbers(dSae) }),
    };
    const config = {
      ...{ variant, dIn, dSae, k: null, hook: "blocks.0.hook_resid_post", modelId: "tiny" },
      ...{ applyBDecToInput: true, prependBos: true, contextSize: 16 },
    };
    const x = numbers(9 * dIn);
    const features = [6, 0, 3];
    const slice = sliceOf({ config, weights }, features)!;
    const all = encode(x, weights, config);
    const some = encode(x, slice.weights, slice.config);
    expect(all.some((f) => f > 0)).toBe(true);
    for (let r = 0; r < 9; r++) {
      features.forEach((f, i) => expect(some[r * 3 + i]).toBe(all[r * dSae + f]));
    }
  },
);
