/**
 * The engine against the float64 reference on models, batches and edits made up by chance: every hook point there is, rows
 * of unequal length, every kind of edit. Seeds are fixed, so that what fails fails again.
 */
import { describe, expect, it } from "vitest";
import { hookNames, parseHook } from "../../src/core/hooks.ts";
import type { DirectEdit, Gpt2Config } from "../../src/core/types.ts";
import { keyedRandom } from "../../src/math/keyed-random.ts";
import { ownPart, relative } from "../reference/compare.ts";
import { referenceEdit } from "../reference/edits.ts";
import { referenceRun } from "../reference/forward.ts";
import { referenceModel, type ReferenceModel } from "../reference/weights.ts";
import { nodeEngine, type NodeEngine } from "./node-engine.ts";
import { integer, randomCheckpoint, randomEdit, randomRows } from "./random-models.ts";

const MODELS = Array.from({ length: 16 }, (_, i) => i + 1);
const BATCHES = 4;
/** In units of the hook's largest value (at least 1): float32 arithmetic beside float64. */
const TOLERANCE = 2e-4;

async function compare(
  engine: NodeEngine,
  reference: ReferenceModel,
  ids: number[][],
  edits: DirectEdit[],
): Promise<void> {
  const names = hookNames(engine.config);
  const { cache, logits } = await engine.runner.run({ ids, names, edits, logits: "all" });
  const told = JSON.stringify({ lengths: ids.map((r) => r.length), edits });
  const tensors = [...cache, ["logits", logits!] as const];
  for (const [row, own] of ids.entries()) {
    // Alone, so that equality with single runs is tested as well. Its edits are those of its row, or of all.
    const mine = edits.filter((edit) => edit.row === undefined || edit.row === row);
    const alone = mine.map((edit) => referenceEdit({ ...edit, row: 0 }, [own.length]));
    const run = referenceRun(reference, [own], alone);
    for (const [name, tensor] of tensors) {
      const axes = name === "logits" ? (["T", "V"] as const) : parseHook(name, engine.config).axes;
      const difference = relative(ownPart(tensor, row, own.length, axes), run.get(name).value);
      expect(difference, `${name} of row ${row} under ${told}`).toBeLessThan(TOLERANCE);
    }
  }
}

const shown = ({ n_layer, n_head, n_embd, n_inner, vocab_size, ...c }: Partial<Gpt2Config>) =>
  `${n_layer} layers, ${n_head} heads, d ${n_embd}, m ${n_inner}, V ${vocab_size}, ${c.activation_function}`;

describe.each(MODELS.map((seed) => [seed, shown(randomCheckpoint(seed).json as never)] as const))(
  "model %i: %s",
  (seed) => {
    it("has the reference's value at every hook, with and without edits", async () => {
      const { config, weights, tied } = randomCheckpoint(seed);
      const engine = await nodeEngine(config, weights);
      const reference = referenceModel(engine.config, engine.weight, tied);
      const hooks = hookNames(engine.config);
      for (let batch = 0; batch < BATCHES; batch++) {
        const random = keyedRandom(seed, 2, batch);
        const ids = randomRows(random, engine.config);
        const lengths = ids.map((row) => row.length);
        const edits = Array.from({ length: batch === 0 ? 0 : integer(random, 1, 6) }, () =>
          randomEdit(random, hooks, engine.config, lengths),
        );
        await compare(engine, reference, ids, edits);
      }
      await engine.release();
    });
  },
);
