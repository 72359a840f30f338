/** ACDC: a planted circuit is recovered; batches come to what one edge at a time comes to, and to the slow model's answer. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AcdcProgress, AcdcQuestion, AcdcSettings } from "../../src/core/acdc.ts";
import { circuitGraph, edgeEnds, edgeName, pruneDangling } from "../../src/core/circuit.ts";
import type { RunPair } from "../../src/core/task.ts";
import { acdc } from "../../src/lab/acdc.ts";
import type { EdgeBench } from "../../src/lab/edge-runs.ts";
import { edgeOrder } from "../../src/math/edge-order.ts";
import { keyedRandom } from "../../src/math/keyed-random.ts";
import { integer, randomCheckpoint } from "../model/random-models.ts";
import { edgeRun } from "../reference/edges.ts";
import {
  PLANTED_EDGES,
  PLANTED_PAIRS,
  plantedCheckpoint,
  plantedGraph,
} from "../reference/planted.ts";
import { referenceModel, type ReferenceModel } from "../reference/weights.ts";
import { referenceMetric } from "./patch-models.ts";
import { edgeBench } from "./edge-bench.ts";

const { signal } = new AbortController();
const SETTINGS: AcdcSettings = {
  ...{ threshold: 0.02, metric: "kl", corruption: "resample" },
  ...{ order: "normal", seed: 0, absolute: false },
};
const quiet = { signal, progress: () => undefined };
const ask = (pairs: readonly RunPair[], patch: Partial<AcdcQuestion> = {}): AcdcQuestion => ({
  ...{ ...SETTINGS, pairs, state: null },
  ...patch,
});

/** The runs that a model makes with cuts, and their rows. */
function counted(model: EdgeBench) {
  const count = { runs: 0, rows: 0 };
  const run: EdgeBench["edges"]["run"] = (request) => {
    count.runs++;
    count.rows += request.ids.length;
    return model.edges.run(request);
  };
  return { model: { ...model, edges: { run } }, count };
}

/** One edge at a time in float64, by the words of the method: no batch, no guess, nothing left out. */
function oneByOne(model: ReferenceModel, question: AcdcQuestion) {
  const graph = circuitGraph(model.config);
  const { metric, corruption, pairs, threshold, absolute } = question;
  const runs = pairs.map((pair) => ({
    pair,
    clean: edgeRun(model, pair.clean, null, null).logits,
    instead: corruption === "zero" ? null : edgeRun(model, pair.corrupted, null, null).written,
  }));
  const lossOf = (mask: Uint8Array) => {
    const values = runs.map(({ pair, clean, instead }) => {
      const { logits } = edgeRun(model, pair.clean, mask, instead);
      const value = referenceMetric(
        metric,
        logits,
        model.config.vocab_size,
        { ...pair, places: [] },
        clean,
      );
      return metric === "kl" || metric === "rank" ? value : -value;
    });
    return values.reduce((a, b) => a + b, 0) / values.length;
  };
  const mask = new Uint8Array(graph.edges).fill(1);
  const rises = new Map<number, number>();
  let loss = lossOf(mask);
  for (const edge of edgeOrder(graph, question.order, question.seed)) {
    mask[edge] = 0;
    const without = lossOf(mask);
    const rise = without - loss;
    rises.set(edge, rise);
    if ((absolute ? Math.abs(rise) : rise) < threshold) loss = without;
    else mask[edge] = 1;
  }
  return { mask, rises, graph };
}

describe("the planted circuit", () => {
  let model: EdgeBench;
  let release: () => Promise<void>;
  beforeAll(async () => {
    const { config, weights } = plantedCheckpoint();
    ({ model, release } = await edgeBench(config, weights));
  });
  afterAll(() => release());
  const found = (mask: Uint8Array) =>
    [...mask.keys()].filter((e) => mask[e]).map((e) => edgeName(plantedGraph, e));

  it.each([
    { metric: "kl" as const, threshold: 0.02 },
    { metric: "kl" as const, threshold: 0.02, order: "reverse" as const },
    { metric: "kl" as const, threshold: 0.02, order: "random" as const, seed: 5 },
    { metric: "logitDiff" as const, threshold: 0.5 },
    { metric: "logitDiff" as const, threshold: 0.5, absolute: true },
    { metric: "prob" as const, threshold: 0.02 },
  ])("is found exactly: %o", async (patch) => {
    const { state, mask } = await acdc(model, ask(PLANTED_PAIRS, patch), quiet);
    expect(found(mask).sort()).toEqual([...PLANTED_EDGES].sort());
    expect(state.decided).toBe(plantedGraph.edges);
  });

  it("is found in far fewer runs than there are edges, and the same one by one", async () => {
    const [batched, single] = [counted(model), counted(model)];
    const question = ask(PLANTED_PAIRS.slice(0, 1));
    const together = await acdc(batched.model, question, quiet);
    const alone = await acdc(single.model, question, { ...quiet, most: 1 });
    expect(together.mask).toEqual(alone.mask);
    expect(together.state.tested).toBe(alone.state.tested);
    expect(single.count.runs).toBe(alone.state.tested + 1);
    expect(alone.state.tested).toBeLessThan(plantedGraph.edges); // nothing reads what was cut off
    expect(batched.count.runs).toBeLessThan(single.count.runs / 2);
  });

  it("paused, it goes on where it stopped, also from a copy of its state", async () => {
    const question = ask(PLANTED_PAIRS);
    const whole = await acdc(model, question, { ...quiet, most: 4 });
    const told: AcdcProgress[] = [];
    const abort = new AbortController();
    const first = acdc(
      {
        ...model,
        edges: {
          run: async (request) => {
            const answer = await model.edges.run(request);
            await new Promise((resolve) => setTimeout(resolve, 40)); // so that progress is told in between
            return answer;
          },
        },
      },
      question,
      {
        signal: abort.signal,
        most: 4,
        progress: (progress) => {
          told.push(progress);
          if (progress.state.decided > 20) abort.abort();
        },
      },
    );
    await expect(first).rejects.toThrow(/abort/i);
    const { state, total, kept } = told.at(-1)!;
    expect(total).toBe(plantedGraph.edges);
    expect(state.decided).toBeGreaterThan(20);
    expect(state.decided).toBeLessThan(total);
    expect(kept).toBe(state.mask.reduce((a, b) => a + b, 0) - (total - state.decided));
    const copy = structuredClone(state);
    const rest = await acdc(model, { ...question, state: copy }, { ...quiet, most: 4 });
    expect(rest.mask).toEqual(whole.mask);
    expect(rest.state.seconds).toBeGreaterThan(state.seconds);
    expect(copy).toEqual(state); // what was given stays as it was
  });

  it("refuses what it cannot search", async () => {
    const { state } = await acdc(model, ask(PLANTED_PAIRS, { threshold: 100 }), quiet);
    expect(found(state.mask)).toEqual([]);
    const smaller = { ...state, mask: state.mask.slice(1) };
    const refused = (patch: Partial<AcdcQuestion>, words: RegExp) =>
      expect(acdc(model, ask(PLANTED_PAIRS, patch), quiet)).rejects.toThrow(words);
    await refused({ state: smaller }, /is of 150 edges|edges, this model's graph/);
    await refused({ threshold: NaN }, /τ is a number, not NaN/);
    await refused({ pairs: [] }, /no pair/);
  });
});

describe.each([
  { seed: 2, patch: { threshold: 0.01 } },
  { seed: 3, patch: { threshold: 0.02, order: "random" as const, seed: 9 } },
  { seed: 11, patch: { threshold: 0.05, metric: "logProb" as const, order: "reverse" as const } },
  { seed: 13, patch: { threshold: 0.02, corruption: "zero" as const, absolute: true } },
])("random model $seed", ({ seed, patch }) => {
  it("in batches, one by one, and in float64: the same edges", async () => {
    const { config, weights, tied } = randomCheckpoint(seed);
    const { engine, model, release } = await edgeBench(config, weights);
    const reference = referenceModel(engine.config, engine.weight, tied);
    const random = keyedRandom(seed, 4);
    const tokens = (T: number) =>
      Array.from({ length: T }, () => integer(random, 0, engine.config.vocab_size - 1));
    const pairs = [4, 3].map((T) => ({
      ...{ clean: tokens(T), corrupted: tokens(T), answers: [1, 4], wrong: [2] },
    }));
    const question = ask(pairs, patch);
    const together = await acdc(model, question, quiet);
    const alone = await acdc(model, question, { ...quiet, most: 1 });
    expect(together.state.mask).toEqual(alone.state.mask);
    const slow = oneByOne(reference, question);
    const wrong = [...slow.mask.keys()].filter((e) => slow.mask[e] !== together.state.mask[e]);
    expect(wrong.map((e) => `${edgeName(slow.graph, e)} ${slow.rises.get(e)!}`)).toEqual([]);
    for (const [edge, rise] of slow.rises) {
      const told = together.state.rises[edge]!;
      expect(Math.abs(told - rise), edgeName(slow.graph, edge)).toBeLessThan(
        1e-3 * Math.max(1, Math.abs(rise)),
      );
    }
    expect(together.mask).toEqual(pruneDangling(slow.graph, slow.mask));
    await release();
  });
});

describe("the order", () => {
  const graph = circuitGraph({ n_layer: 2, n_head: 3 });
  it.each(["normal", "reverse", "random"] as const)(
    "%s: all edges once, readers backwards",
    (order) => {
      const edges = edgeOrder(graph, order, 3);
      expect([...edges].sort((a, b) => a - b)).toEqual([...new Uint8Array(graph.edges).keys()]);
      const readers = edges.map((edge) => edgeEnds(graph, edge).receiver);
      expect(readers).toEqual([...readers].sort((a, b) => b - a));
    },
  );

  it("of senders: from the last, from the input, by chance and by seed", () => {
    const first = (order: "normal" | "reverse" | "random", seed = 0) =>
      edgeOrder(graph, order, seed)
        .slice(0, 9)
        .map((edge) => edgeEnds(graph, edge).sender);
    expect(first("normal")).toEqual([8, 7, 6, 5, 4, 3, 2, 1, 0]);
    expect(first("reverse")).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(first("random", 1)).toEqual(first("random", 1));
    expect(first("random", 1)).not.toEqual(first("random", 2));
  });
});
