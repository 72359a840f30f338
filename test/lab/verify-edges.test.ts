/** Tests of circuits of edges against a float64 model, run by run; and the planted circuit, which is all of its own and needs each edge. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { circuitGraph, edgeName, parseEdge } from "../../src/core/circuit.ts";
import type { PatchPair } from "../../src/core/patching.ts";
import {
  CIRCUIT_ABLATIONS,
  type VerifyFinding,
  type VerifyQuestion,
} from "../../src/core/verify.ts";
import type { EdgeBench } from "../../src/lab/edge-runs.ts";
import { verifyEdges } from "../../src/lab/verify.ts";
import {
  faithfulnessEnds,
  incompleteness,
  minimality,
  normalisedFaithfulness,
} from "../../src/math/circuit-tests.ts";
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
import { only, verified } from "./verified.ts";
import { expectNear } from "./near.ts";

/** The metric of each pair with these edges kept, in float64. */
function slowly(model: ReferenceModel, question: VerifyQuestion, kept: ReadonlySet<number>) {
  const { pairs, references, metric, ablation } = question;
  const { edges } = circuitGraph(model.config);
  const mask = Uint8Array.from({ length: edges }, (_, edge) => Number(kept.has(edge)));
  return pairs.map((pair) => {
    const template = JSON.stringify(pair.places);
    const alike = [...pairs.map((p) => ({ ids: p.corrupted, places: p.places })), ...references]
      .filter(
        ({ ids, places }) =>
          ids.length === pair.clean.length && JSON.stringify(places) === template,
      )
      .map(({ ids }) => ids.join());
    const prompts =
      ablation === "mean"
        ? [...new Set(alike)].map((ids) => ids.split(",").map(Number))
        : [pair.corrupted];
    const runs = prompts.map((ids) => edgeRun(model, ids, null, null).written);
    const instead = runs[0]!.map((own, s) =>
      own.map((_, i) => runs.reduce((sum, run) => sum + run[s]![i]! / runs.length, 0)),
    );
    const { logits } = edgeRun(model, pair.clean, mask, ablation === "zero" ? null : instead);
    const clean = edgeRun(model, pair.clean, null, null).logits;
    return referenceMetric(metric, logits, model.config.vocab_size, pair, clean);
  });
}

const plain = {
  ...{ references: [], units: [], withMlps: true, classes: [], subsets: 0, greedy: false, seed: 0 },
  ...{ metric: "logitDiff" as const, ablation: "resample" as const },
  random: { count: 0, by: "paths" as const },
};
describe.each([2, 3])("model %i", (seed) => {
  it.each(CIRCUIT_ABLATIONS)("%s: every run is that of the definition", async (ablation) => {
    const { config, weights, tied } = randomCheckpoint(seed);
    const { engine, model, release } = await edgeBench(config, weights);
    const reference = referenceModel(engine.config, engine.weight, tied);
    const random = keyedRandom(seed, 21);
    const { n_positions, vocab_size } = engine.config;
    const tokens = (n: number) =>
      Array.from({ length: n }, () => integer(random, 0, vocab_size - 4));
    const T = Math.min(n_positions, 4);
    const pair = (length: number, places: number[][]): PatchPair => ({
      ...{ clean: tokens(length), corrupted: tokens(length), places },
      ...{ answers: [vocab_size - 1], wrong: [vocab_size - 2] },
    });
    const { edges: all } = circuitGraph(engine.config);
    const edges = Array.from({ length: all }, (_, edge) => edge).filter(() => random() < 0.6);
    const [first, second] = [edges.slice(0, 3), edges.slice(-2)];
    const units = (list: readonly number[]) => list.map((edge) => edges.indexOf(edge));
    const question: VerifyQuestion = {
      ...plain,
      pairs: [pair(T, [[1]]), pair(T - 1, [[0]]), pair(T, [[1]])],
      references: [{ ids: tokens(T), places: [[1]] }],
      ...{ ablation, edges: [...first, ...second], subsets: 1, seed },
      classes: [{ name: "first", units: [0, 1] }],
      random: { count: 2, by: "layer" },
    };
    expect(units(first)).toEqual([0, 1, 2]);
    const own = question.edges!;
    const found = await verified(verifyEdges, model, question);
    const [ends] = only(found, "ends");
    const every = Array.from({ length: all }, (_, edge) => edge);
    expectNear(ends!.full, slowly(reference, question, new Set(every)), "full");
    expectNear(ends!.circuit, slowly(reference, question, new Set(own)), "circuit");
    expectNear(ends!.empty, slowly(reference, question, new Set()), "empty");
    expect(ends!.leastReferences).toBe(ablation === "mean" ? 1 : null);
    expect(only(found, "random")).toHaveLength(2);
    for (const { set, circuit, model: rest } of only(found, "subset")) {
      const gone = new Set(set.units.map((i) => own[i]!));
      const kept = new Set(own.filter((edge) => !gone.has(edge)));
      expectNear(circuit, slowly(reference, question, kept), set.name);
      const others = new Set(every.filter((edge) => !gone.has(edge)));
      expectNear(rest, slowly(reference, question, others), `${set.name}, model`);
    }
    for (const { unit, set, before, after } of only(found, "needed")) {
      const kept = own.filter((_, i) => !set.units.includes(i));
      expectNear(before, slowly(reference, question, new Set(kept)), `before ${unit}`);
      const without = new Set(kept.filter((edge) => edge !== own[unit]));
      expectNear(after, slowly(reference, question, without), `after ${unit}`);
    }
    await release();
  });
});

describe("the planted circuit", () => {
  const pairs = PLANTED_PAIRS.map((pair) => ({ ...pair, places: [] }));
  const planted = PLANTED_EDGES.map((name) => parseEdge(plantedGraph, name));
  let model: EdgeBench;
  let release: () => Promise<void>;
  beforeAll(async () => {
    const { config, weights } = plantedCheckpoint();
    ({ model, release } = await edgeBench(config, weights));
  });
  afterAll(() => release());

  it("the whole graph is exactly 1, nothing exactly 0", async () => {
    const edges = Array.from({ length: plantedGraph.edges }, (_, edge) => edge);
    const [ends] = only(await stoppedAfterEnds(model, { ...plain, pairs, edges }), "ends");
    const scale = faithfulnessEnds(ends!.full, ends!.empty);
    expect(normalisedFaithfulness(ends!.circuit, scale)).toBe(1);
    expect(normalisedFaithfulness(ends!.empty, scale)).toBe(0);
  });

  it("is faithful, complete, above random ones, and needs each of its edges; one more is not needed", async () => {
    const idle = parseEdge(plantedGraph, "a0.h0->a2.h1<q>");
    const found = await verified(verifyEdges, model, {
      ...plain,
      ...{ pairs, edges: [...planted, idle], subsets: 4, seed: 3 },
      classes: [{ name: "answer", units: [4, 5] }],
      random: { count: 20, by: "paths" },
    });
    const [ends] = only(found, "ends");
    const scale = faithfulnessEnds(ends!.full, ends!.empty);
    const share = (values: Float64Array) => normalisedFaithfulness(values, scale);
    expect(share(ends!.circuit)).toBeGreaterThan(0.9);
    for (const { values } of only(found, "random")) expect(share(values)).toBeLessThan(0.5);
    for (const { set, circuit, model: rest } of only(found, "subset")) {
      expect(incompleteness(circuit, rest) / Math.abs(scale.span), set.name).toBeLessThan(0.15);
    }
    for (const { unit, before, after } of only(found, "needed")) {
      const effect = minimality(after, before) / Math.abs(scale.span);
      if (unit < planted.length) expect(effect, PLANTED_EDGES[unit]).toBeGreaterThan(0.1);
      else expect(effect, edgeName(plantedGraph, idle)).toBeLessThan(0.01);
    }
  });

  it.each([
    [{ edges: [] }, /circuit is empty: put an edge/],
    [{ edges: [151] }, /edge 151 is not among 0 … 150|is not among/],
    [{ random: { count: 1, by: "any" } }, /by paths or layer, not by any/],
    [{ edges: new Array<number>(501).fill(0) }, /has 501 edges, and at most 500/],
    [{ pairs: [] }, /no pair/],
  ] satisfies [Partial<VerifyQuestion>, RegExp][])("refuses %j", async (patch, why) => {
    const question = { ...plain, pairs, edges: planted, ...patch };
    await expect(verified(verifyEdges, model, question)).rejects.toThrow(why);
  });
});

/** What is found first; the rest of so many edges is not waited for. */
async function stoppedAfterEnds(model: EdgeBench, question: VerifyQuestion) {
  const abort = new AbortController();
  const found: VerifyFinding[] = [];
  const run = verifyEdges(model, question, {
    signal: abort.signal,
    progress: (told) => {
      found.push(...told.found);
      if (told.found.length > 0) abort.abort();
    },
  });
  await expect(run).rejects.toThrow(/abort/i);
  return found;
}
