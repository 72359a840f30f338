/** The planted circuit is what it says it is, by the slow model alone: what the searches for circuits are judged by. */
import { describe, expect, it } from "vitest";
import { edgeName } from "../../src/core/circuit.ts";
import { parseSafetensors, readFloats } from "../../src/formats/safetensors.ts";
import { parseConfig } from "../../src/model/config.ts";
import { edgeRun } from "./edges.ts";
import { referenceRun } from "./forward.ts";
import { logSoftmax } from "./metrics.ts";
import { PLANTED_PAIRS, plantedCheckpoint, plantedGraph, plantedMask } from "./planted.ts";
import { referenceModel } from "./weights.ts";

const { config, weights, tied } = plantedCheckpoint();
const { tensors } = parseSafetensors(weights);
const model = referenceModel(
  parseConfig(config).config,
  (name) => readFloats(weights, tensors.get(name)!),
  tied,
);
const V = model.config.vocab_size;
const last = (logits: Float64Array) => logSoftmax(logits.subarray(logits.length - V));
const kl = (clean: Float64Array, other: Float64Array) => {
  const [q, p] = [last(clean), last(other)];
  return q.reduce((sum, l, t) => sum + Math.exp(l) * (l - p[t]!), 0);
};

describe.each(PLANTED_PAIRS.map((pair, i) => ({ i, ...pair })))("pair $i", (pair) => {
  const clean = edgeRun(model, pair.clean, null, null);
  const corrupted = edgeRun(model, pair.corrupted, null, null);
  const cut = (mask: Uint8Array) => edgeRun(model, pair.clean, mask, corrupted.written).logits;

  it("is continued as planted, and uncut is the plain model", () => {
    expect(Math.exp(last(clean.logits)[pair.answers[0]!]!)).toBeGreaterThan(0.98);
    expect(Math.exp(last(corrupted.logits)[pair.wrong[0]!]!)).toBeGreaterThan(0.98);
    const plain = referenceRun(model, [pair.clean]).get("logits").value;
    plain.forEach((v, i) => expect(clean.logits[i]).toBeCloseTo(v, 10));
    const nothing = cut(new Uint8Array(plantedGraph.edges));
    nothing.forEach((v, i) => expect(v).toBeCloseTo(corrupted.logits[i]!, 10));
  });

  it("needs each planted edge, none of the others, and nothing but them", () => {
    const truth = plantedMask();
    for (let edge = 0; edge < plantedGraph.edges; edge++) {
      const effect = kl(
        clean.logits,
        cut(new Uint8Array(plantedGraph.edges).fill(1).fill(0, edge, edge + 1)),
      );
      if (truth[edge]) expect(effect, edgeName(plantedGraph, edge)).toBeGreaterThan(1);
      else expect(effect, edgeName(plantedGraph, edge)).toBeLessThan(1e-3);
    }
    expect(kl(clean.logits, cut(truth))).toBeLessThan(5e-3);
  });
});
