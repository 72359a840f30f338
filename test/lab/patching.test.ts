/** Sweeps against a run of a float64 model for every cell; attribution patching against differences, and where it is exact. */
import { describe, expect, it } from "vitest";
import {
  DIRECTIONS,
  PATCH_UNITS,
  patchGrid,
  type PatchPair,
  type PatchQuestion,
  type PatchSweep,
} from "../../src/core/patching.ts";
import { TASK_METRICS, type TaskMetric } from "../../src/core/task.ts";
import { previewPatches } from "../../src/lab/attribution-patching.ts";
import { patchSweep } from "../../src/lab/patching.ts";
import { keyedRandom } from "../../src/math/keyed-random.ts";
import type { LoadedModel } from "../../src/model/loaded-model.ts";
import { parseSafetensors, readFloats } from "../../src/formats/safetensors.ts";
import { writeSafetensors } from "../../src/formats/safetensors-write.ts";
import { nodeEngine } from "../model/node-engine.ts";
import { integer, randomCheckpoint, type Random } from "../model/random-models.ts";
import { tinyCheckpoint } from "../model/tiny-checkpoint.ts";
import { referenceRun } from "../reference/forward.ts";
import { referenceModel, type ReferenceModel } from "../reference/weights.ts";
import { engineAsModel } from "./engine-model.ts";
import { putIn, referenceCell, referenceMetric, referenceSweep, FORMULA } from "./patch-models.ts";
import { expectNear } from "./near.ts";

const { signal } = new AbortController();

/** All pairs' values by cell. */
async function swept(model: LoadedModel, question: PatchQuestion) {
  const { count } = patchGrid(
    question.sweep,
    model.info.config,
    question.pairs[0]?.places.length ?? 1,
  );
  const found = question.pairs.map(() => new Array<number>(count).fill(NaN));
  let last = { done: 0, total: -1 };
  const answer = await patchSweep(model, question, {
    signal,
    progress: (told) => {
      told.cells.forEach((cell, i) => (found[told.pair]![cell] = told.values[i]!));
      last = told;
    },
  });
  expect(last).toMatchObject({ done: answer.runs, total: answer.runs });
  return found;
}

function randomPair(random: Random, T: number, V: number, places: number): PatchPair {
  const tokens = (n: number) => Array.from({ length: n }, () => integer(random, 0, V - 1));
  const answers = tokens(integer(random, 1, 2));
  const clean = tokens(T);
  const same = integer(random, 0, T - 1); // tokens that both begin with
  return {
    clean,
    corrupted: [...clean.slice(0, same), ...tokens(T - same)],
    answers: [...new Set(answers)],
    wrong: [...new Set(tokens(2))].filter((id) => !answers.includes(id)),
    places: Array.from({ length: places }, () => {
      const at = Array.from({ length: T }, (_, t) => t).filter(() => random() < 0.4);
      return at;
    }),
  };
}

const sweepOf = (unit: PatchSweep["unit"], random: Random, layers: number): PatchSweep => ({
  unit,
  byPlace: random() < 0.5,
  layer: unit === "neuron" ? integer(random, 0, layers - 1) : null,
});

async function withModel(
  seed: number,
  body: (model: LoadedModel, reference: ReferenceModel) => Promise<void>,
) {
  const { config, weights, tied } = randomCheckpoint(seed);
  const engine = await nodeEngine(config, weights);
  try {
    const reference = referenceModel(engine.config, engine.weight, tied);
    await body(engineAsModel(engine), reference);
  } finally {
    await engine.release();
  }
}

describe.each([1, 2, 3, 5])("model %i", (seed) => {
  it("every unit, both directions: each cell is a run of its own", async () => {
    await withModel(seed, async (model, reference) => {
      const random = keyedRandom(seed, 2);
      const { n_layer, n_positions, vocab_size } = model.info.config;
      for (const [i, unit] of PATCH_UNITS.entries()) {
        const T = integer(random, 3, n_positions);
        const P = integer(random, 1, 3);
        const pairs = [
          randomPair(random, T, vocab_size, P),
          randomPair(random, T - 1, vocab_size, P),
        ];
        if (pairs.some(({ wrong, places }) => wrong.length === 0 || places.flat().length === 0)) {
          continue;
        }
        const metric = TASK_METRICS.filter((kind) => kind !== "rank")[i % 5]!;
        for (const direction of DIRECTIONS) {
          const sweep = sweepOf(unit, random, n_layer);
          const found = await swept(model, { pairs, metric, direction, sweep, cells: null });
          pairs.forEach((pair, index) => {
            const expected = referenceSweep(reference, pair, sweep, direction, metric).values();
            expectNear(found[index]!, expected, `${unit} ${direction} ${metric} pair ${index}`);
          });
        }
      }
    });
  });
});

describe("estimates", () => {
  const pairFor = (model: LoadedModel, random: Random): PatchPair => ({
    ...randomPair(random, model.info.config.n_positions, model.info.config.vocab_size, 3),
    ...{ answers: [1, 4], wrong: [2], formula: FORMULA },
    places: [[0], [1, 3], []],
  });
  const previewed = async (
    model: LoadedModel,
    question: Omit<PatchQuestion, "cells">,
    method: "gradient" | "integrated",
    steps = 4,
  ) => {
    const found: Float64Array[] = [];
    await previewPatches(
      model,
      { ...question, method, steps },
      { signal, progress: ({ pair, values }) => (found[pair] = values) },
    );
    return found;
  };

  it("the gradient's is the slope of putting a little of it in", async () => {
    await withModel(2, async (model, reference) => {
      const random = keyedRandom(7);
      const pair = pairFor(model, random);
      const metrics = TASK_METRICS.filter((kind) => kind !== "rank" && kind !== "kl");
      for (const [i, unit] of PATCH_UNITS.entries()) {
        const direction = DIRECTIONS[i % 2]!;
        const sweep = sweepOf(unit, random, model.info.config.n_layer);
        const metric = metrics[i % metrics.length]!;
        const [found] = await previewed(
          model,
          { pairs: [pair], metric, direction, sweep },
          "gradient",
        );
        const run = referenceSweep(reference, pair, sweep, direction, metric);
        const h = 1e-4;
        const [up, down] = [run.values(h), run.values(-h)];
        const expected = up.map((v, cell) => (v - down[cell]!) / (2 * h));
        expectNear([...found!], expected, `${unit} ${direction} ${metric}`);
      }
    });
  });

  it("the integrated one's is the mean of such slopes between both prompts' embeddings", async () => {
    await withModel(3, async (model, reference) => {
      const random = keyedRandom(8);
      const pair = pairFor(model, random);
      const sweep: PatchSweep = { unit: "z", byPlace: true, layer: null };
      const cells = patchGrid(sweep, model.info.config, 3).count;
      const [clean, corrupted] = [pair.clean, pair.corrupted].map((ids) =>
        referenceRun(reference, [ids]),
      );
      const steps = 10; // more than one run of rows
      for (const metric of ["logitDiff", "kl"] as const) {
        const [found] = await previewed(
          model,
          { pairs: [pair], metric, direction: "denoise", sweep },
          "integrated",
          steps,
        );
        const expected = Array.from({ length: cells }, (_, index) => {
          const cell = referenceCell(sweep, model.info.config, pair, index);
          if (!cell.there) return NaN;
          const [a, b] = [clean!, corrupted!].map((run) => run.get(cell.hook).value);
          const difference = a!.map((v, i) => v - b![i]!);
          let sum = 0;
          for (let k = 0; k < steps; k++) {
            const alpha = (k + 0.5) / steps;
            const at = (h: number) => {
              const [from, to] = [corrupted!, clean!].map((run) => run.get("hook_embed").value);
              const embed = from!.map((v, i) => v + alpha * (to![i]! - v));
              const pinned = {
                apply: (name: string, x: Float64Array) => (name === "hook_embed" ? embed : x),
              };
              const shifted = putIn(cell, new Float64Array(0), 0);
              const nudged = {
                apply: (name: string, x: Float64Array, dims: readonly number[]) =>
                  name === cell.hook
                    ? shiftInside(cell, x, dims, difference, h)
                    : shifted.apply(name, x, dims),
              };
              const run = referenceRun(reference, [pair.corrupted], [pinned, nudged]);
              return referenceMetric(
                ...([metric, run.get("logits").value, model.info.config.vocab_size] as const),
                ...([pair, clean!.get("logits").value] as const),
              );
            };
            sum += (at(1e-4) - at(-1e-4)) / 2e-4 / steps;
          }
          return sum;
        });
        expectNear([...found!], expected, metric);
      }
    });
  });

  it("both are exact where everything after the patch is linear", async () => {
    const { engine, model } = await linearModel();
    const random = keyedRandom(9);
    const pair: PatchPair = { ...pairFor(model, random), places: [[0], [1, 6], [5]] };
    for (const unit of ["z", "v", "attn_out", "resid_mid"] as const) {
      for (const direction of DIRECTIONS) {
        const question = {
          ...{ pairs: [pair], metric: "logitDiff" as TaskMetric, direction },
          sweep: { unit, byPlace: true, layer: null },
        };
        const [exact] = await swept(model, { ...question, cells: null });
        const into = direction === "denoise" ? pair.corrupted : pair.clean;
        const plain = await model.run({ ids: [into], names: [], edits: [], logits: "last" });
        const z = plain.logits!.data;
        const start = (z[1]! + z[4]!) / 2 - z[2]!;
        for (const method of ["gradient", "integrated"] as const) {
          const [found] = await previewed(model, question, method);
          const largest = Math.max(...exact!.map((v) => Math.abs(v - start)));
          expect(largest).toBeGreaterThan(0);
          found!.forEach((value, cell) => {
            const error = Math.abs(value - (exact![cell]! - start)) / largest;
            expect(error, `${unit} ${direction} ${method} ${cell}`).toBeLessThan(1e-3);
          });
        }
      }
    }
    await engine.release();
  });

  it("are refused where there is no slope to follow", async () => {
    await withModel(1, async (model) => {
      const pair = pairFor(model, keyedRandom(4));
      const sweep: PatchSweep = { unit: "resid_pre", byPlace: false, layer: null };
      const rank = { pairs: [pair], metric: "rank" as const, direction: "denoise" as const, sweep };
      await expect(previewed(model, rank, "gradient")).rejects.toMatchObject({
        code: "unsupported",
      });
      const kl = { ...rank, metric: "kl" as const, direction: "noise" as const };
      await expect(previewed(model, kl, "gradient")).rejects.toMatchObject({ code: "degenerate" });
    });
  });
});

/** Some cells alone, a rank, and what cannot be asked. */
describe("questions", () => {
  it("some cells only, and ranks", async () => {
    await withModel(2, async (model, reference) => {
      const random = keyedRandom(5);
      const { vocab_size, n_positions, n_layer } = model.info.config;
      const pair = { ...randomPair(random, n_positions, vocab_size, 2), places: [[1], [0, 2]] };
      const sweep: PatchSweep = { unit: "attn_out", byPlace: true, layer: null };
      const cells = [2 * n_layer - 1, 0];
      const [found] = await swept(model, {
        ...{ pairs: [pair], metric: "rank", direction: "noise", sweep, cells },
      });
      const expected = referenceSweep(reference, pair, sweep, "noise", "rank").values(1, cells);
      expect(cells.map((cell) => found![cell])).toEqual(expected);
      expect(found!.filter((v) => !Number.isNaN(v))).toHaveLength(n_layer === 1 ? 2 : 2);
    });
  });

  it("unequal lengths, places past the end, cells and layers that are not there", async () => {
    await withModel(1, async (model) => {
      const pair: PatchPair = {
        ...{ clean: [1, 2, 3], corrupted: [1, 4, 3], answers: [2], wrong: [5], places: [[0]] },
      };
      const ask = (patch: Partial<PatchQuestion>) =>
        swept(model, {
          ...{ pairs: [pair], metric: "logitDiff", direction: "denoise" },
          sweep: { unit: "resid_pre", byPlace: false, layer: null },
          ...{ cells: null, ...patch },
        });
      await expect(ask({ pairs: [{ ...pair, corrupted: [1, 2] }] })).rejects.toThrow(
        /pair 1: the clean prompt has 3 tokens, the corrupted one 2/,
      );
      await expect(ask({ pairs: [{ ...pair, places: [[3]] }] })).rejects.toThrow(/position 3 of 3/);
      await expect(ask({ cells: [99] })).rejects.toThrow(/cell 99/);
      await expect(ask({ pairs: [] })).rejects.toThrow(/no pair/);
      await expect(ask({ pairs: [{ ...pair, wrong: [] }] })).rejects.toThrow(/wrong ones/);
      await expect(ask({ sweep: { unit: "neuron", byPlace: false, layer: 9 } })).rejects.toThrow(
        /layer 9/,
      );
    });
  });

  it("stops when it is cancelled", async () => {
    await withModel(1, async (model) => {
      const abort = new AbortController();
      const { vocab_size, n_positions } = model.info.config;
      const pair = randomPair(keyedRandom(3), n_positions, vocab_size, 1);
      const question: PatchQuestion = {
        ...{ pairs: [pair, pair, pair], metric: "logProb", direction: "denoise" },
        ...{ sweep: { unit: "z", byPlace: false, layer: null }, cells: null },
      };
      const seen: number[] = [];
      const run = patchSweep(model, question, {
        signal: abort.signal,
        progress: ({ pair: at }) => {
          seen.push(at);
          abort.abort();
        },
      });
      await expect(run).rejects.toThrow(/abort/i);
      expect(seen).toEqual([0]);
    });
  });
});

/** x + h · difference inside the cell. */
function shiftInside(
  { inside }: ReturnType<typeof referenceCell>,
  x: Float64Array,
  dims: readonly number[],
  difference: Float64Array,
  h: number,
): Float64Array {
  return x.map((v, index) => {
    const at: number[] = [];
    let rest = index;
    for (let axis = dims.length - 1; axis > 0; axis--) {
      at.unshift(rest % dims[axis]!);
      rest = Math.floor(rest / dims[axis]!);
    }
    return inside(at) ? v + h * difference[index]! : v;
  });
}

/** One block whose MLP writes nothing; values so small beside epsilon that every LayerNorm divides by a constant. */
async function linearModel() {
  const { config, weights } = tinyCheckpoint({
    ...{ n_layer: 1, n_head: 3, n_embd: 21, n_inner: 11, n_positions: 7, vocab_size: 101 },
    ...{ bos_token_id: 100, layer_norm_epsilon: 0.1, activation_function: "relu" },
    tie_word_embeddings: false,
  });
  const { tensors } = parseSafetensors(weights);
  const silent = writeSafetensors(
    [...tensors].map(([name, entry]) => {
      const data = readFloats(weights, entry);
      if (/mlp.c_proj|ln_1.bias|c_attn.bias|attn.c_proj.bias/.test(name)) data.fill(0);
      if (/wte|wpe/.test(name)) data.forEach((v, i) => (data[i] = v * 1e-3));
      if (name.includes("ln_f.weight")) data.forEach((v, i) => (data[i] = v * 1e4));
      return { name, shape: [...entry.shape], dtype: "F32" as const, data };
    }),
  );
  const engine = await nodeEngine(config, silent);
  return { engine, model: engineAsModel(engine) };
}
