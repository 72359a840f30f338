/**
 * The engine against the float64 reference on models, batches and edits made up by chance: every hook point there is, rows
 * of unequal length, every kind of edit. Seeds are fixed, so that what fails fails again.
 */
import { describe, expect, it } from "vitest";
import { hookNames, parseHook } from "../../src/core/hooks.ts";
import type { Edit, Gpt2Config, TensorData } from "../../src/core/types.ts";
import { keyedRandom } from "../../src/math/keyed-random.ts";
import { referenceEdit } from "../reference/edits.ts";
import { referenceRun } from "../reference/forward.ts";
import { referenceModel, type ReferenceModel } from "../reference/weights.ts";
import { nodeEngine, type NodeEngine } from "./node-engine.ts";
import { integer, randomCheckpoint, randomEdit, randomRows } from "./random-models.ts";

const MODELS = Array.from({ length: 16 }, (_, i) => i + 1);
const BATCHES = 4;
/** In units of the hook's largest value (at least 1): float32 arithmetic beside float64. */
const TOLERANCE = 2e-4;

/** The part of a padded batch that is one row's own: its positions, and its keys where there are keys. */
function ownPart(
  { data, dims }: TensorData,
  row: number,
  length: number,
  axes: readonly string[],
): number[] {
  const sizes = dims.slice(1);
  const size = sizes.reduce((a, b) => a * b, 1);
  const inside = (index: number) => {
    let rest = index;
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      const at = rest % sizes[axis]!;
      if ((axes[axis] === "T" || axes[axis] === "S") && at >= length) return false;
      rest = Math.floor(rest / sizes[axis]!);
    }
    return true;
  };
  return [...data.subarray(row * size, (row + 1) * size)].filter((_, index) => inside(index));
}

/** The largest difference in units of the largest expected value; NaN if anything is not comparable. */
function relative(found: readonly number[], expected: Float64Array): number {
  if (found.length !== expected.length) return NaN;
  const finite = expected.filter(Number.isFinite);
  const unit = finite.reduce((m, v) => Math.max(m, Math.abs(v)), 1);
  return expected.reduce((worst, v, i) => {
    const difference = found[i] === v ? 0 : Math.abs(found[i]! - v) / unit;
    return difference <= worst ? worst : difference;
  }, 0);
}

async function compare(
  engine: NodeEngine,
  reference: ReferenceModel,
  ids: number[][],
  edits: Edit[],
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
      const axes = name === "logits" ? ["T", "V"] : parseHook(name, engine.config).axes;
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
