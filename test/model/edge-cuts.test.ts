/** Cut edges against a slow model in float64 that sums up every reader's stream for itself; batches, sharing, and refusals. */
import { describe, expect, it } from "vitest";
import { circuitGraph, type EdgeMask } from "../../src/core/circuit.ts";
import { keyedRandom } from "../../src/math/keyed-random.ts";
import { edgeRun } from "../reference/edges.ts";
import { referenceModel } from "../reference/weights.ts";
import { type NodeEngine, nodeEdges, nodeEngine } from "./node-engine.ts";
import { integer, oneOf, type Random, randomCheckpoint } from "./random-models.ts";

const flat = (written: readonly Float64Array[]) =>
  Float32Array.from(written.flatMap((values) => [...values]));

/** Relative to the largest logit: some of these models are large in their numbers. */
function difference(found: Float32Array, expected: Float64Array): number {
  const largest = expected.reduce((most, v) => Math.max(most, Math.abs(v)), 1);
  return expected.reduce((most, v, i) => Math.max(most, Math.abs(v - found[i]!)), 0) / largest;
}

async function opened(seed: number) {
  const { config, weights, tied } = randomCheckpoint(seed);
  const [engine, edges] = [await nodeEngine(config, weights), await nodeEdges(config, weights)];
  return {
    engine,
    edges,
    reference: referenceModel(engine.config, engine.weight, tied),
  };
}

const tokens = (random: Random, { config }: NodeEngine, T: number) =>
  Array.from({ length: T }, () => integer(random, 0, config.vocab_size - 1));

const randomMask = (random: Random, edges: number): EdgeMask => {
  const share = oneOf(random, [0.1, 0.5, 0.9, 0.99]);
  return Uint8Array.from({ length: edges }, () => Number(random() < share));
};

describe.each([1, 2, 3, 4, 5, 6, 7, 8])("model %i", (seed) => {
  it("any edges cut in any rows, of prompts of unequal length, resampled or nothing", async () => {
    const { engine, edges: cut, reference } = await opened(seed);
    const random = keyedRandom(seed, 3);
    const { n_positions, vocab_size: V } = engine.config;
    const { edges } = circuitGraph(engine.config);
    const prompts = [n_positions, n_positions - 1].map((T) => {
      const [clean, other] = [tokens(random, engine, T), tokens(random, engine, T)];
      const corrupted = edgeRun(reference, other, null, null);
      return { clean, corrupted, values: flat(corrupted.written) };
    });
    const full = new Uint8Array(edges).fill(1);
    const masks = [full, new Uint8Array(edges), ...[1, 2, 3].map(() => randomMask(random, edges))];
    // Rows that part in the middle: the same but for one edge.
    masks.push(...[0, 1].map(() => full.with(integer(random, 0, edges - 1), 0)));
    const rows = prompts.flatMap((prompt) =>
      masks.flatMap((mask) =>
        [prompt.values, null].map((instead) => ({
          prompt,
          mask,
          instead: instead,
        })),
      ),
    );
    const logits = await cut.run({
      ids: rows.map(({ prompt }) => prompt.clean),
      cuts: { masks: rows.map(({ mask }) => mask), instead: rows.map(({ instead }) => instead) },
    });
    rows.forEach(({ prompt, mask, instead }, row) => {
      const expected = edgeRun(
        reference,
        prompt.clean,
        mask,
        instead && prompt.corrupted.written,
      ).logits.slice(-V);
      const found = logits.subarray(row * V, (row + 1) * V);
      expect(difference(found, expected), `row ${row}`).toBeLessThan(2e-4);
    });
    // The whole graph is the clean run, the empty one the corrupted run.
    const plain = await engine.runner.run({
      ids: [prompts[0]!.clean],
      ...{ names: [], edits: [], logits: "last" },
    });
    expect(difference(logits.subarray(0, V), Float64Array.from(plain.logits!.data))).toBeLessThan(
      1e-5,
    );
    const empty = prompts[0]!.corrupted.logits.slice(-V);
    expect(difference(logits.subarray(2 * V, 3 * V), empty)).toBeLessThan(1e-4);
    await engine.release();
    await cut.release();
  });
});
