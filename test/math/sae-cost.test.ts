/** What training takes, by hand, with unequal sizes; and its memory against what TensorFlow.js says of a step. */
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { DEFAULT_PACE, type Recipe } from "../../src/core/sae-recipe.ts";
import { trainedVariant, weightCount } from "../../src/core/sae.ts";
import {
  acceleratorHours,
  acceleratorsFor,
  blockParameters,
  bufferRows,
  harvestFlops,
  heapBytes,
  largestTensor,
  misfit,
  stepFlops,
  sweepMemory,
  trainingMemory,
  trainingSeconds,
} from "../../src/math/sae-cost.ts";
import { Trainer } from "../../src/train/trainer.ts";
import { normals, useWasm } from "../train/wasm.ts";

it("parameters of GPT-2 small's 16×: 768 · 12,288 · 2 + 12,288 + 768", () => {
  expect(weightCount({ variant: "standard", dIn: 768, dSae: 12_288 })).toBe(18_887_424);
});

it("operations of a step: two products with the encoder, three with the decoder", () => {
  expect(stepFlops(3, 5, "topk")).toBe(10 * 3 * 5);
  expect(stepFlops(3, 5, "gated")).toBe(14 * 3 * 5);
  expect(stepFlops(3, 5, "standard", 7)).toBe(2 * 5 * (2 * 3 + 3 * 7)); // a transcoder
  expect(stepFlops(16_384, 524_288, "standard")).toBe(85_899_345_920);
});

it("operations of a harvest: projections, MLP and attention of the blocks that are run", () => {
  const shape = { dModel: 2, dMlp: 6, blocks: 3, contextSize: 5 };
  // 2·(4·2·2) + 2·(2·2·6) + 2·(2·5·2) a block
  expect(harvestFlops(shape)).toBe(3 * (32 + 48 + 40));
  expect(blockParameters(shape)).toBe(3 * (16 + 24));
  // GPT-2 small: 12 blocks of 7,077,888 weights are its 85M
  expect(blockParameters({ dModel: 768, dMlp: 3072, blocks: 12 })).toBe(84_934_656);
});

it("rows of the buffer: many batches, 64 MB at most, no more than the run needs", () => {
  expect(bufferRows(1024, 192, 500_000)).toBe(32 * 1024);
  expect(bufferRows(1024, 3072, 500_000)).toBe(5209);
  expect(bufferRows(1024, 192, 20_000)).toBe(20_000);
  expect(bufferRows(16, 192, 1000)).toBe(512);
});

it("memory: each part by hand", () => {
  const sizes = { parameters: 100, dIn: 3, dSae: 7, batchSize: 2, bufferRows: 11 };
  expect(trainingMemory(sizes)).toEqual({
    ...{ weights: 400, moments: 800, step: 2400, buffer: 3 * 4 * 11 * 3 },
    ...{ batch: 4 * 2 * (4 * 3 + 3 * 7), total: 400 + 800 + 2400 + 396 + 264 },
  });
});

it("memory of a sweep: the state of all, the step, batch and buffer of the largest", () => {
  const large = { parameters: 100, dIn: 3, dOut: 2, dSae: 7, batchSize: 2, bufferRows: 11 };
  const small = { ...large, parameters: 40, dSae: 4 };
  expect(sweepMemory([large])).toEqual(trainingMemory(large));
  const both = sweepMemory([small, large]);
  expect(both).toEqual({
    ...{ weights: 560, moments: 1120, step: 2400, buffer: 3 * 4 * 11 * 5 },
    ...{ batch: 4 * 2 * (4 * 5 + 3 * 7), total: 560 + 1120 + 2400 + 660 + 328 },
  });
  expect(heapBytes(both)).toBe(both.total - 660);
  expect([largestTensor(large), largestTensor({ ...large, dOut: 9 })]).toEqual([84, 252]);
  expect(() => sweepMemory([])).toThrow(/none/);
});

it("time: what is harvested and what is stepped", () => {
  expect(trainingSeconds(1000, 300, { perHarvestedToken: 0.002, perStep: 0.5 })).toBeCloseTo(4, 12);
  expect(() => trainingSeconds(1000, 300, { perHarvestedToken: NaN, perStep: 1 })).toThrow(/NaN/);
});

it("accelerators: hours of one, and how many for the memory", () => {
  const gpu = { peak: 1e12, utilisation: 0.5, bytes: 80 };
  expect(acceleratorHours(3.6e15, gpu)).toBeCloseTo(2, 12);
  expect([1, 80, 81, 400].map((bytes) => acceleratorsFor(bytes, gpu))).toEqual([1, 1, 2, 5]);
});

describe("whether a run fits", () => {
  const sizes = { parameters: 1e6, dIn: 100, dSae: 5000, batchSize: 1000, bufferRows: 10_000 };
  const free = { heap: null, tensor: null, memory: null };
  const { total, buffer } = trainingMemory(sizes);
  it.each([
    ["nothing is known", free, null],
    ["the heap is just enough", { ...free, heap: total - buffer }, null],
    ["the heap is too small", { ...free, heap: total - buffer - 1 }, "heap"],
    ["f is too large for the GPU", { ...free, tensor: 4 * 5000 * 1000 - 1 }, "tensor"],
    ["the computer is too small", { ...free, memory: total + 9 }, "memory"],
  ])("when %s", (_, room, what) => expect(misfit([sizes], 10, room)?.what ?? null).toBe(what));
});

it.each<[Recipe, number, number]>([
  [{ variant: "standard", l1: 1, decoderNorm: "unit" }, 64, 2048],
  [{ variant: "topk", k: 300 }, 64, 2048], // in full products
  [{ variant: "topk", k: 8 }, 64, 2048], // over the kept ones
  [{ variant: "matryoshka", k: 8, widths: [512, 2048] }, 64, 2048],
  [{ variant: "jumprelu", targetL0: 8, l0Weight: 1, bandwidth: 0.1 }, 64, 2048],
  [{ variant: "gated", l1: 1 }, 64, 2048],
])("memory is what TensorFlow.js takes for a step, to a fifth: %o", async (recipe, dIn, dSae) => {
  await useWasm();
  const batchSize = 48;
  const plan = { ...DEFAULT_PACE, recipe, dIn, dSae, batchSize, steps: 10, seed: 1 };
  const rows = tf.tensor2d(normals(batchSize * dIn, 3), [batchSize, dIn]);
  const trainer = await Trainer.start(plan, rows);
  trainer.train(rows);
  const { peakBytes } = await tf.profile(() => trainer.train(rows));
  const parameters = weightCount({ variant: trainedVariant(recipe.variant), dIn, dSae });
  const sizes = { parameters, dIn, dSae, batchSize, bufferRows: 0 };
  expect(peakBytes / trainingMemory(sizes).total).toBeGreaterThan(0.8);
  expect(peakBytes / trainingMemory(sizes).total).toBeLessThan(1.2);
  trainer.dispose();
  rows.dispose();
});
