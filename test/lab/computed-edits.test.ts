/**
 * Computed edits of every kind, mixed with direct ones, against hooks that are functions in a float64 forward pass: models,
 * batches and edits by chance, seeded.
 */
import { expect, it } from "vitest";
import { type Edit, isDirect } from "../../src/core/edits.ts";
import { hookNames, parseHook } from "../../src/core/hooks.ts";
import type { Gpt2Config } from "../../src/core/types.ts";
import { runWithCache } from "../../src/lab/run-with-cache.ts";
import type { Sae } from "../../src/math/feature-change.ts";
import { keyedRandom, normal } from "../../src/math/keyed-random.ts";
import { axisSizes } from "../../src/model/edit-check.ts";
import { parseConfig } from "../../src/model/config.ts";
import { nodeEngine } from "../model/node-engine.ts";
import {
  integer,
  oneOf,
  type Random,
  randomCheckpoint,
  randomEdit,
  randomRows,
} from "../model/random-models.ts";
import { ownPart, relative } from "../reference/compare.ts";
import { computedReference } from "../reference/computed-edits.ts";
import { referenceEdit } from "../reference/edits.ts";
import { referenceRun, type ReferenceEdit } from "../reference/forward.ts";
import { madeUpModel } from "../reference/models.ts";
import { referenceModel, type ReferenceModel } from "../reference/weights.ts";
import { randomSae, sourcesOf } from "./edit-models.ts";
import { engineAsModel } from "./engine-model.ts";
import { referenceAsModel } from "./reference-model.ts";

const { signal } = new AbortController();

/** Where tokens have a vector each. */
const tokenHooks = (config: Gpt2Config) =>
  hookNames(config).filter(
    (name) => parseHook(name, config).axes[0] === "T" && !name.endsWith("hook_scale"),
  );

const widthAt = (hook: string, config: Gpt2Config) =>
  axisSizes(parseHook(hook, config).axes.slice(1), config, 0).reduce((a, b) => a * b, 1);

function randomSaes(random: Random, config: Gpt2Config): Record<string, Sae> {
  const make = (seed: number) => {
    const hook = oneOf(random, tokenHooks(config));
    return randomSae(hook, widthAt(hook, config), 13, seed);
  };
  return { a: make(1), b: make(2) };
}

/** One of any op, in one row or all, at one position or all. */
function randomComputed(
  random: Random,
  config: Gpt2Config,
  saes: Record<string, Sae>,
  lengths: readonly number[],
): Edit {
  const row = random() < 0.4 ? integer(random, 0, lengths.length - 1) : undefined;
  const shortest = Math.min(...(row === undefined ? lengths : [lengths[row]!]));
  const place = {
    ...(row !== undefined && { row }),
    ...(random() < 0.4 && { pos: integer(random, -shortest, shortest - 1) }),
  };
  const number = () => normal(random) / 2;
  const prompt = (least: number) =>
    Array.from({ length: integer(random, least, config.n_positions) }, () =>
      integer(random, 0, config.vocab_size - 1),
    );
  const long = () => prompt(config.n_positions);
  const sae = oneOf(random, ["a", "b"]);
  const at = { ...place, hook: saes[sae]!.config.hook, sae };
  const feature = integer(random, 0, 12);
  const hook = oneOf(random, tokenHooks(config));
  const last = axisSizes(parseHook(hook, config).axes, config, 0).at(-1)!;
  const head =
    parseHook(hook, config).axes.includes("H") && random() < 0.5
      ? { head: integer(random, 0, config.n_head - 1) }
      : {};
  const anyHook = oneOf(random, hookNames(config));
  const attention = parseHook(anyHook, config).axes[0] !== "T";
  switch (integer(random, 0, 8)) {
    case 0: {
      const count = integer(random, 1, Math.max(1, Math.min(3, last - 1)));
      const directions = Array.from({ length: count }, () =>
        Float32Array.from({ length: last }, number),
      );
      return { ...place, ...head, hook, op: "project", directions };
    }
    case 1:
      return { ...at, op: "steer", feature, value: number() };
    case 2:
      return { ...at, op: "clamp", feature, value: number() };
    case 3:
      return { ...at, op: "ablate", feature };
    case 4: {
      const mode = random() < 0.5 ? "add" : "clamp";
      const features = [{ feature, mode, coefficient: number() } as const];
      return { ...at, op: "splice", error: random() < 0.5, ...(random() < 0.6 && { features }) };
    }
    case 5:
      return { ...place, ...head, hook, op: "mean", over: [prompt(2), prompt(3), prompt(2)] };
    case 6: {
      const over = [prompt(1), long(), prompt(1)];
      return { ...place, hook: anyHook, op: "mean", over, per: "position" };
    }
    case 7:
      return { ...place, hook: anyHook, op: "resample", from: long() };
    default: {
      const from = prompt(2);
      const fromPos = attention ? {} : { fromPos: integer(random, -2, 1) };
      return {
        ...place,
        hook: anyHook,
        op: "resample",
        from: attention ? long() : from,
        ...fromPos,
      };
    }
  }
}

const asReference = (
  edit: Edit,
  length: number,
  model: ReferenceModel,
  saes: Record<string, Sae>,
): ReferenceEdit =>
  isDirect(edit)
    ? referenceEdit({ ...edit, row: 0 }, [length])
    : computedReference(edit, length, model, saes);

/** Edits of a batch, and what a function in their place does to each row that is run alone. */
async function compare(
  run: (
    edits: Edit[],
    saes: Record<string, Sae>,
    ids: number[][],
  ) => ReturnType<typeof runWithCache>,
  reference: ReferenceModel,
  random: Random,
  tolerance: number,
  told: string,
): Promise<void> {
  const { config } = reference;
  const ids = randomRows(random, config);
  const lengths = ids.map((row) => row.length);
  const saes = randomSaes(random, config);
  const direct = hookNames(config).filter((name) => !name.endsWith("hook_scale"));
  const edits = Array.from({ length: integer(random, 1, 5) }, (): Edit =>
    random() < 0.3
      ? randomEdit(random, direct, config, lengths)
      : randomComputed(random, config, saes, lengths),
  );
  const { cache, logits } = await run(edits, saes, ids);
  for (const [row, own] of ids.entries()) {
    const mine = edits.filter((edit) => edit.row === undefined || edit.row === row);
    const alone = referenceRun(
      reference,
      [own],
      mine.map((edit) => asReference(edit, own.length, reference, saes)),
    );
    const where = `row ${row} of ${lengths.join()}, ${told}: ${JSON.stringify(edits)}`;
    for (const [name, tensor] of cache) {
      const { axes } = parseHook(name, config);
      const found = ownPart(tensor, row, own.length, axes);
      expect(relative(found, alone.get(name).value), `${name}, ${where}`).toBeLessThan(tolerance);
    }
    const found = ownPart(logits, row, own.length, ["T", "V"]);
    expect(relative(found, alone.get("logits").value), `logits, ${where}`).toBeLessThan(tolerance);
  }
}

it("are functions of the activation at their hook, in float64", async () => {
  for (let seed = 1; seed <= 60; seed++) {
    const files = randomCheckpoint(seed);
    const { config } = parseConfig(files.config);
    const reference = madeUpModel(config, seed, files.tied);
    const names = hookNames(config);
    await compare(
      (edits, saes, ids) => {
        const prompts = ids.map((row) => ({ ids: row }));
        const request = { prompts, names, edits, basis: "raw" } as const;
        return runWithCache(referenceAsModel(reference), request, signal, sourcesOf(saes));
      },
      reference,
      keyedRandom(seed, 4),
      1e-5,
      `seed ${seed}`,
    );
  }
});

it("and in the engine", async () => {
  for (let seed = 1; seed <= 5; seed++) {
    const files = randomCheckpoint(seed);
    const engine = await nodeEngine(files.config, files.weights);
    const { config } = engine;
    const reference = referenceModel(
      config,
      (name) => Float64Array.from(engine.weight(name)),
      files.tied,
    );
    const names = hookNames(config);
    for (let batch = 0; batch < 8; batch++) {
      await compare(
        (edits, saes, ids) => {
          const prompts = ids.map((row) => ({ ids: row }));
          const request = { prompts, names, edits, basis: "raw" } as const;
          return runWithCache(engineAsModel(engine), request, signal, sourcesOf(saes));
        },
        reference,
        keyedRandom(seed, batch, 5),
        1e-3,
        `seed ${seed}, batch ${batch}`,
      );
    }
    await engine.release();
  }
});
