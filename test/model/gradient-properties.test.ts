/**
 * The graph's backward pass against the float64 reference on models, padded batches, edits and metrics made up by chance:
 * the gradient at every hook point there is, row by row. Seeds are fixed.
 */
import { expect, it } from "vitest";
import { hookNames, parseHook } from "../../src/core/hooks.ts";
import type { DirectEdit } from "../../src/core/edits.ts";
import type { Gpt2Config } from "../../src/core/types.ts";
import { logitGradient, type LogitMetric } from "../../src/math/logit-metric.ts";
import { keyedRandom, normal } from "../../src/math/keyed-random.ts";
import { axisSizes } from "../../src/model/edit-check.ts";
import type { MetricSeed } from "../../src/model/gradient-feeds.ts";
import { SEED_SITES } from "../../src/model/graph-sites.ts";
import { ownPart, relative } from "../reference/compare.ts";
import { referenceEdit } from "../reference/edits.ts";
import { referenceRun, type Metric } from "../reference/forward.ts";
import {
  divergenceFrom,
  logProbability,
  logitDifference,
  nextTokenLoss,
  weightedSum,
} from "../reference/metrics.ts";
import { referenceModel } from "../reference/weights.ts";
import { nodeEngine } from "./node-engine.ts";
import {
  integer,
  oneOf,
  randomCheckpoint,
  randomEdit,
  randomRows,
  type Random,
} from "./random-models.ts";

const MODELS = 8;
const BATCHES = 3;
/** In units of the hook's largest gradient, but no smaller ones than a thousandth of the largest of all hooks. */
const TOLERANCE = 1e-3;

interface Question {
  seed: MetricSeed;
  /** The part of a row. */
  metric: (row: number) => Metric;
}

/** A metric of one kind in every row, each at a place of its own. */
function logitQuestion(random: Random, ids: number[][], V: number): Question {
  const token = () => integer(random, 0, V - 1);
  const kinds = ["logitDiff", "logProb", "kl", "loss"] as const;
  const parts = ids.map((own) => {
    const kind = oneOf(random, own.length > 1 ? kinds : kinds.slice(0, 3));
    const pos = integer(random, 0, own.length - 1);
    const [a, b] = [token(), token()];
    const reference = Float32Array.from({ length: V }, () => normal(random));
    if (kind === "loss") {
      const next = own.slice(1);
      const at = next.map((_, i) => i);
      return { at, given: { kind, next } satisfies LogitMetric, metric: nextTokenLoss(own) };
    }
    const at = [pos];
    if (kind === "logitDiff") {
      const given: LogitMetric = { kind, token: a, against: b };
      return { at, given, metric: logitDifference(a, b, { pos }) };
    }
    if (kind === "logProb") {
      const given: LogitMetric = { kind, token: a };
      return { at, given, metric: logProbability(a, { pos }) };
    }
    const metric = divergenceFrom(Float64Array.from(reference), { pos });
    return { at, given: { kind, reference } satisfies LogitMetric, metric };
  });
  const gradients = parts.map(({ given, at }) => logitGradient(given, at.length, V));
  return {
    seed: {
      kind: "logits",
      at: parts.flatMap(({ at }, row) => at.map((pos) => ({ row, pos }))),
      constant: Float32Array.from(gradients.flatMap(({ constant }) => [...constant])),
      softmax: Float32Array.from(gradients.flatMap(({ softmax }) => [...softmax])),
    },
    metric: (row) => parts[row]!.metric,
  };
}

/**
 * A sum over an activation, with the same weights in every row or with each row's own; beyond the shortest row it reads
 * nothing, for there it would read padding.
 */
function hookQuestion(random: Random, ids: number[][], config: Gpt2Config): Question {
  const seedSites = hookNames(config).filter((name) =>
    SEED_SITES.includes(parseHook(name, config).site),
  );
  const hook = oneOf(random, seedSites);
  const lengths = ids.map((row) => row.length);
  const [first, ...sizes] = axisSizes(parseHook(hook, config).axes, config, Math.max(...lengths));
  const width = sizes.reduce((a, b) => a * b, 1);
  const read = Math.min(...lengths) * width;
  const plane = first! * width;
  const rows = random() < 0.5 ? 1 : ids.length;
  const seed = Float32Array.from({ length: rows * plane }, (_, i) =>
    i % plane < read ? normal(random) : 0,
  );
  const own = (row: number) =>
    seed.subarray((row % rows) * plane).subarray(0, lengths[row]! * width);
  return {
    seed: { kind: "hook", hook, seed },
    metric: (row) => weightedSum(hook, Float64Array.from(own(row))),
  };
}

it.each(Array.from({ length: MODELS }, (_, i) => 101 + i))("model %i", async (seed) => {
  const { config: text, weights, tied } = randomCheckpoint(seed);
  const engine = await nodeEngine(text, weights);
  const { config } = engine;
  const reference = referenceModel(config, engine.weight, tied);
  const names = hookNames(config);
  for (let batch = 0; batch < BATCHES; batch++) {
    const random = keyedRandom(seed, 5, batch);
    const ids = randomRows(random, config);
    const lengths = ids.map((row) => row.length);
    const edits: DirectEdit[] = Array.from({ length: integer(random, 0, 4) }, () =>
      randomEdit(random, names, config, lengths),
    );
    const question =
      random() < 0.7
        ? logitQuestion(random, ids, config.vocab_size)
        : hookQuestion(random, ids, config);
    const { gradients } = await engine.runner.differentiate({
      ids,
      gradients: names,
      values: [],
      edits,
      seed: question.seed,
    });
    for (const [row, own] of ids.entries()) {
      const mine = edits.filter((edit) => edit.row === undefined || edit.row === row);
      const alone = mine.map((edit) => referenceEdit({ ...edit, row: 0 }, [own.length]));
      const expected = referenceRun(reference, [own], alone).gradients(question.metric(row));
      const largest = Math.max(
        ...names.map((name) => expected(name).reduce((m, g) => Math.max(m, Math.abs(g)), 0)),
      );
      for (const [name, tensor] of gradients) {
        const found = ownPart(tensor, row, own.length, parseHook(name, config).axes);
        const told = `${name} of row ${row} of ${lengths.join()}, batch ${batch}: ${JSON.stringify(edits)}`;
        // A metric that nothing reaches, because of an edit, has no gradient at all.
        const unit = Math.max(largest / 1000, 1e-12);
        expect(relative(found, expected(name), unit), told).toBeLessThan(TOLERANCE);
      }
    }
  }
  await engine.release();
});
