/**
 * The engine against the float64 reference on models, batches and edits made up by chance: every hook point there is, rows
 * of unequal length, every kind of edit. Seeds are fixed, so that what fails fails again.
 */
import { describe, expect, it } from "vitest";
import { hookNames, parseHook } from "../../src/core/hooks.ts";
import type { DirectEdit } from "../../src/core/edits.ts";
import type { Gpt2Config } from "../../src/core/types.ts";
import { keyedRandom } from "../../src/math/keyed-random.ts";
import { ownPart, relative } from "../reference/compare.ts";
import { referenceEdit } from "../reference/edits.ts";
import { referenceRun } from "../reference/forward.ts";
import { referenceModel, type ReferenceModel } from "../reference/weights.ts";
import { nodeEngine, type NodeEngine } from "./node-engine.ts";
import { integer, randomCheckpoint, randomEdit, randomRows, type Random } from "./random-models.ts";

const MODELS = Array.from({ length: 12 }, (_, i) => i + 1);
const BATCHES = 4;
/** In units of the hook's largest value (at least 1): float32 arithmetic beside float64. */
const TOLERANCE = 1e-5;

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

/** Some hooks, without the rest of the forward pass or with the last logits, against a run of everything. */
async function comparePart(
  engine: NodeEngine,
  ids: number[][],
  edits: DirectEdit[],
  random: Random,
) {
  const all = hookNames(engine.config);
  const names = all.filter(() => random() < 0.1);
  const whole = await engine.runner.run({ ids, names: all, edits, logits: "last" });
  const part = await engine.runner.run({ ids, names, edits, logits: "none" });
  expect([...part.cache.keys()]).toEqual(names);
  for (const [name, { data, dims }] of part.cache) {
    expect(dims, name).toEqual(whole.cache.get(name)!.dims);
    expect(relative(data, whole.cache.get(name)!.data), name).toBeLessThan(1e-5);
  }
  const { logits } = await engine.runner.run({ ids, names: [], edits, logits: "last" });
  expect(logits!.dims).toEqual([ids.length, 1, engine.config.vocab_size]);
  expect(relative(logits!.data, whole.logits!.data)).toBeLessThan(1e-5);
  await compareFew(engine, ids, edits, whole.logits!.data, random);
}

/** Logits of few tokens, which may be named twice, against all of them. */
async function compareFew(
  engine: NodeEngine,
  ids: number[][],
  edits: DirectEdit[],
  whole: Float32Array,
  random: Random,
) {
  const V = engine.config.vocab_size;
  const only = Array.from({ length: integer(random, 1, 4) }, () => integer(random, 0, V - 1));
  const { logits } = await engine.runner.run({ ids, names: [], edits, logits: "last", only });
  expect(logits!.dims).toEqual([ids.length, 1, only.length]);
  const expected = ids.flatMap((_, row) => only.map((token) => whole[row * V + token]!));
  expect(relative(logits!.data, Float32Array.from(expected))).toBeLessThan(1e-5);
}

/** The first tokens, then the rest with a cache, against all of them at once. */
async function compareSteps(engine: NodeEngine, reference: ReferenceModel, random: Random) {
  const { config, runner } = engine;
  const T = integer(random, 2, config.n_positions);
  const ids = randomRows(random, config).map((row) =>
    Array.from({ length: T }, (_, t) => row[t % row.length]!),
  );
  const first = integer(random, 1, T - 1);
  const names = hookNames(config);
  // What is put into the pattern could give weight to a token of the second step, which the first does not have.
  const hooks = names.filter((name) => !name.endsWith("hook_pattern"));
  const lengths = ids.map(() => T);
  const edits = Array.from({ length: integer(random, 0, 5) }, () =>
    randomEdit(random, hooks, config, lengths),
  );
  const given = { names, edits, logits: "all", editLength: T } as const;
  const before = await runner.run({
    ...given,
    ids: ids.map((row) => row.slice(0, first)),
    keepPast: true,
  });
  const { cache, logits } = await runner.run({
    ...given,
    ids: ids.map((row) => row.slice(first)),
    past: before.past!,
  });
  before.past!.dispose();
  const run = referenceRun(
    reference,
    ids,
    edits.map((edit) => referenceEdit(edit, lengths)),
  );
  for (const [name, { data, dims }] of [...cache, ["logits", logits!] as const]) {
    const { value, dims: full } = run.get(name);
    const axis = /pattern|scores/.test(name) ? 2 : 1; // of the positions
    expect(dims, name).toEqual(full.with(axis, T - first));
    const inner = full.slice(axis + 1).reduce((a, b) => a * b, 1);
    const expected = value.filter((_, i) => Math.floor(i / inner) % T >= first);
    const told = `${name} from ${first} of ${T} under ${JSON.stringify(edits)}`;
    expect(relative(data, expected), told).toBeLessThan(TOLERANCE);
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
        await comparePart(engine, ids, edits, random);
      }
      await engine.release();
    });

    it("gives the same in two steps, with the keys and values of the first kept", async () => {
      const { config, weights, tied } = randomCheckpoint(seed);
      const engine = await nodeEngine(config, weights);
      const reference = referenceModel(engine.config, engine.weight, tied);
      for (let batch = 0; batch < BATCHES; batch++) {
        await compareSteps(engine, reference, keyedRandom(seed, 4, batch));
      }
      await engine.release();
    });
  },
);
