/** Edge attribution patching against a float64 model whose edges carry a little more; where it is exact, and what it adds up to. */
import { describe, expect, it } from "vitest";
import { circuitGraph, edgeName, pruneDangling } from "../../src/core/circuit.ts";
import {
  edgeStrengths,
  firstEdges,
  greedyOrder,
  strongestFirst,
} from "../../src/core/circuit-cut.ts";
import type { EapQuestion } from "../../src/core/edge-attribution.ts";
import type { RunPair } from "../../src/core/task.ts";
import { edgeAttribution } from "../../src/lab/eap.ts";
import { parseSafetensors, readFloats } from "../../src/formats/safetensors.ts";
import { writeSafetensors } from "../../src/formats/safetensors-write.ts";
import { keyedRandom } from "../../src/math/keyed-random.ts";
import type { LoadedModel } from "../../src/model/loaded-model.ts";
import { nodeEngine } from "../model/node-engine.ts";
import { integer, type Random } from "../model/random-models.ts";
import { tinyCheckpoint } from "../model/tiny-checkpoint.ts";
import { edgeRun } from "../reference/edge-shares.ts";
import { referenceRun } from "../reference/forward.ts";
import {
  PLANTED_EDGES,
  PLANTED_PAIRS,
  plantedCheckpoint,
  plantedGraph,
  plantedMask,
} from "../reference/planted.ts";
import { referenceModel, type ReferenceModel } from "../reference/weights.ts";
import { engineAsModel } from "./engine-model.ts";
import { referenceMetric } from "./patch-models.ts";

const { signal } = new AbortController();
const ask = async (model: LoadedModel, question: EapQuestion) => {
  const told: { done: number; total: number }[] = [];
  const progress = (at: (typeof told)[number]) => void told.push(at);
  const { scores } = await edgeAttribution(model, question, { signal, progress });
  expect(told.at(-1)).toMatchObject({ done: question.pairs.length, total: question.pairs.length });
  return scores;
};

const SHAPES = [
  { n_layer: 2, n_head: 3, n_embd: 21, n_inner: 13, activation_function: "gelu_new" },
  { n_layer: 3, n_head: 2, n_embd: 14, n_inner: 23, activation_function: "relu" },
] as const;
async function withModel(
  shape: (typeof SHAPES)[number] & Record<string, unknown>,
  body: (model: LoadedModel, reference: ReferenceModel) => Promise<void>,
  change: (weights: Uint8Array) => Uint8Array = (weights) => weights,
) {
  const { config, weights: made } = tinyCheckpoint({
    ...{ n_positions: 9, vocab_size: 37, bos_token_id: 36, layer_norm_epsilon: 1e-5 },
    ...{ tie_word_embeddings: true, ...shape },
  });
  const engine = await nodeEngine(config, change(made));
  try {
    await body(engineAsModel(engine), referenceModel(engine.config, engine.weight, true));
  } finally {
    await engine.release();
  }
}
function randomPair(random: Random, T: number, V: number): RunPair {
  const tokens = () => Array.from({ length: T }, () => integer(random, 0, V - 1));
  return { clean: tokens(), corrupted: tokens(), answers: [3, 5], wrong: [7] };
}

/** What the reference says: the slope, at share 0, of a share of the sender's change put on the edge; mean over the pairs. */
function referenceScores(
  reference: ReferenceModel,
  { pairs, metric, method, steps }: EapQuestion,
): Float64Array {
  const { config } = reference;
  const { edges, receivers } = circuitGraph(config);
  const found = new Float64Array(edges);
  for (const pair of pairs) {
    const [clean, corrupted] = [edgeRun(reference, pair.clean), edgeRun(reference, pair.corrupted)];
    const read = (logits: Float64Array) =>
      referenceMetric(metric, logits, config.vocab_size, { ...pair, places: [] }, clean.logits);
    const starts =
      method === "eap"
        ? [clean.sent[0]!]
        : Array.from({ length: steps }, (_, k) =>
            corrupted.sent[0]!.map((x, i) => x + ((k + 0.5) / steps) * (clean.sent[0]![i]! - x)),
          );
    for (const { firstEdge, reads } of receivers) {
      for (let sender = 0; sender < reads; sender++) {
        const change = corrupted.sent[sender]!.map((x, i) => x - clean.sent[sender]![i]!);
        for (const embeddings of starts) {
          const at = (share: number) => {
            const value = change.map((x) => share * x);
            const added = { edge: firstEdge + sender, value };
            return read(edgeRun(reference, pair.clean, { embeddings, added }).logits);
          };
          const slope = (at(1e-4) - at(-1e-4)) / 2e-4;
          found[firstEdge + sender]! += slope / starts.length / pairs.length;
        }
      }
    }
  }
  return found;
}

it("the graph of edges is the model itself", async () => {
  await withModel(SHAPES[0], (_, reference) => {
    const ids = [3, 30, 2, 11, 5];
    const whole = referenceRun(reference, [ids]).get("logits").value;
    edgeRun(reference, ids).logits.forEach((z, i) => expect(z).toBeCloseTo(whole[i]!, 10));
    return Promise.resolve();
  });
});

describe.each([0, 1])("shape %i", (index) => {
  it.each([
    ["eap", "logitDiff", 1],
    ["eap", "logProb", 1],
    ["eap-ig", "kl", 2],
    ["eap-ig", "logitDiff", 9], // more than one run of rows
  ] as const)("%s of %s: every edge's slope", async (method, metric, steps) => {
    await withModel(SHAPES[index]!, async (model, reference) => {
      const random = keyedRandom(index, 3);
      const lengths = steps === 9 ? [3] : [5, 4];
      const pairs = lengths.map((T) => randomPair(random, T, 37));
      const question: EapQuestion = { pairs, metric, method, steps };
      const found = await ask(model, question);
      const expected = referenceScores(reference, question);
      const graph = circuitGraph(reference.config);
      const largest = Math.max(...expected.map(Math.abs));
      expect(largest).toBeGreaterThan(0.01);
      expected.forEach((value, edge) => {
        const error = Math.abs(found[edge]! - value) / largest;
        expect(error, `${edgeName(graph, edge)}: ${found[edge]!} for ${value}`).toBeLessThan(3e-4);
      });
    });
  });
});

it("edges out of the input add up to the metric's whole change, with many steps between the prompts", async () => {
  await withModel(SHAPES[0], async (model, reference) => {
    const pair = randomPair(keyedRandom(8), 6, 37);
    const scores = await ask(model, {
      pairs: [pair],
      metric: "logProb",
      method: "eap-ig",
      steps: 64,
    });
    const { receivers } = circuitGraph(reference.config);
    const sum = receivers.reduce((total, { firstEdge }) => total + scores[firstEdge]!, 0);
    const [clean, corrupted] = [pair.clean, pair.corrupted].map((ids) =>
      referenceMetric(
        ...(["logProb", edgeRun(reference, ids).logits, 37] as const),
        ...([{ ...pair, places: [] }, new Float64Array(37)] as const),
      ),
    );
    const change = corrupted! - clean!;
    expect(Math.abs(change)).toBeGreaterThan(0.5);
    expect(Math.abs(sum - change) / Math.abs(change)).toBeLessThan(0.01);
    // One gradient alone does not: the model bends.
    const once = await ask(model, { pairs: [pair], metric: "logProb", method: "eap", steps: 1 });
    const alone = receivers.reduce((total, { firstEdge }) => total + once[firstEdge]!, 0);
    expect(Math.abs(alone - change) / Math.abs(change)).toBeGreaterThan(0.05);
  });
});

it("is exact where everything after the edge is linear", async () => {
  // All that is written is so small beside ε that LayerNorm only divides: edges into the logits are linear.
  await withModel({ ...SHAPES[0], layer_norm_epsilon: 0.9 }, expectExact, (weights) => {
    const { tensors } = parseSafetensors(weights);
    return writeSafetensors(
      [...tensors].map(([name, entry]) => {
        const data = readFloats(weights, entry);
        const by = /wte|wpe|c_proj/.test(name) ? 1e-3 : name === "ln_f.weight" ? 1e5 : 1;
        const scaled = data.map((x) => by * x);
        return { name, shape: [...entry.shape], dtype: "F32" as const, data: scaled };
      }),
    );
  });
});

async function expectExact(model: LoadedModel, reference: ReferenceModel): Promise<void> {
  const pair = randomPair(keyedRandom(6), 5, 37);
  const [clean, corrupted] = [edgeRun(reference, pair.clean), edgeRun(reference, pair.corrupted)];
  const read = (logits: Float64Array) =>
    referenceMetric("logitDiff", logits, 37, { ...pair, places: [] }, clean.logits);
  const { firstEdge, reads } = circuitGraph(reference.config).receivers.at(-1)!;
  const exact = Array.from({ length: reads }, (_, sender) => {
    const value = corrupted.sent[sender]!.map((x, i) => x - clean.sent[sender]![i]!);
    const added = { edge: firstEdge + sender, value };
    return read(edgeRun(reference, pair.clean, { added }).logits) - read(clean.logits);
  });
  const largest = Math.max(...exact.map(Math.abs));
  expect(largest).toBeGreaterThan(0.01);
  for (const method of ["eap", "eap-ig"] as const) {
    const scores = await ask(model, { pairs: [pair], metric: "logitDiff", method, steps: 3 });
    exact.forEach((value, sender) => {
      const error = Math.abs(scores[firstEdge + sender]! - value) / largest;
      expect(error, `${method}, sender ${sender}`).toBeLessThan(1e-4);
    });
  }
}

it.each([
  ["eap", "logitDiff"],
  ["eap-ig", "logitDiff"],
  ["eap-ig", "kl"],
] as const)(
  "%s of %s finds the planted circuit: its edges are the strongest",
  async (method, metric) => {
    const { config, weights } = plantedCheckpoint();
    const engine = await nodeEngine(config, weights);
    const question: EapQuestion = { pairs: PLANTED_PAIRS, metric, method, steps: 8 };
    const scores = await ask(engineAsModel(engine), question);
    await engine.release();
    const strengths = edgeStrengths(scores, "helps", metric);
    const order = [...strongestFirst(strengths)];
    const { length } = PLANTED_EDGES;
    expect(
      order
        .slice(0, length)
        .map((edge) => edgeName(plantedGraph, edge))
        .sort(),
    ).toEqual([...PLANTED_EDGES].sort());
    // With room between them and the rest, and whole by any way of cutting.
    expect(strengths[order[length - 1]!]!).toBeGreaterThan(3 * strengths[order[length]!]!);
    const greedy = firstEdges(greedyOrder(plantedGraph, strengths), length, plantedGraph.edges);
    expect(greedy).toEqual(plantedMask());
    expect(pruneDangling(plantedGraph, greedy)).toEqual(plantedMask());
  },
);

it("refuses what has no slope", async () => {
  await withModel(SHAPES[0], async (model) => {
    const pairs = [randomPair(keyedRandom(4), 4, 37)];
    const question: EapQuestion = { pairs, metric: "kl", method: "eap", steps: 1 };
    await expect(ask(model, question)).rejects.toThrow(/EAP-IG/);
    await expect(ask(model, { ...question, metric: "rank" })).rejects.toMatchObject({
      code: "unsupported",
    });
    await expect(ask(model, { ...question, metric: "prob", steps: 0 })).rejects.toThrow(/1 … 64/);
    await expect(ask(model, { ...question, metric: "prob", pairs: [] })).rejects.toThrow(/no pair/);
  });
});
