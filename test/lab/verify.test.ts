/** Circuits' tests against a float64 model, run by run; and planted cases: a head that does nothing, a backup that is missing. */
import { describe, expect, it } from "vitest";
import type { PatchPair } from "../../src/core/patching.ts";
import type { TaskMetric } from "../../src/core/task.ts";
import { CIRCUIT_ABLATIONS, type CircuitUnit, type VerifyQuestion } from "../../src/core/verify.ts";
import { verifyCircuit } from "../../src/lab/verify.ts";
import {
  faithfulnessEnds,
  incompleteness,
  meanMetric,
  minimality,
  normalisedFaithfulness,
} from "../../src/math/circuit-tests.ts";
import { keyedRandom } from "../../src/math/keyed-random.ts";
import { nodeEngine } from "../model/node-engine.ts";
import { integer, randomCheckpoint, type Random } from "../model/random-models.ts";
import { referenceModel } from "../reference/weights.ts";
import { backupModel, circuitOf, modelWithout, referenceCircuit } from "./circuit-models.ts";
import { engineAsModel } from "./engine-model.ts";
import { only, verified } from "./verified.ts";
import { expectNear } from "./near.ts";

const plain = {
  ...{
    edges: null,
    references: [],
    metric: "logitDiff" as TaskMetric,
    ablation: "zero" as const,
    classes: [],
  },
  ...{ withMlps: false, random: { count: 0, by: "layer" as const }, subsets: 0, greedy: false },
  seed: 0,
};
const head = (layer: number, h: number, places: number[] | null = null): CircuitUnit => ({
  ...{ layer, head: h, places },
});

describe.each([1, 2, 5])("model %i", (seed) => {
  it.each(CIRCUIT_ABLATIONS)("%s: every run is that of the definition", async (ablation) => {
    const { config, weights, tied } = randomCheckpoint(seed);
    const engine = await nodeEngine(config, weights);
    const reference = referenceModel(engine.config, engine.weight, tied);
    const model = engineAsModel(engine);
    const random = keyedRandom(seed, 9);
    const { n_layer, n_head, n_positions, vocab_size } = engine.config;
    const tokens = (n: number) =>
      Array.from({ length: n }, () => integer(random, 0, vocab_size - 4));
    const T = Math.min(n_positions, 6);
    // Two templates of one length, told apart by their roles, and a shorter one.
    const pair = (length: number, places: number[][]): PatchPair => ({
      ...{ clean: tokens(length), corrupted: tokens(length), places },
      ...{ answers: [vocab_size - 1], wrong: [vocab_size - 2, vocab_size - 3] },
    });
    const [here, there] = [
      [[1], [T - 1]],
      [[2, 0], [T - 1]],
    ];
    const withMlps = random() < 0.5;
    const units = unitsOf(random, n_layer, n_head, withMlps);
    const question: VerifyQuestion = {
      ...plain,
      pairs: [pair(T, here), pair(T, there), pair(T - 1, [[0], []]), pair(T, here)],
      references: [
        { ids: tokens(T), places: here },
        { ids: tokens(T), places: [[3], [0]] }, // no pair's template
      ],
      metric: (["logitDiff", "logProb", "kl"] as const)[seed % 3]!,
      ...{ ablation, units, withMlps, subsets: 2, greedy: true, seed },
      classes: [{ name: "first", units: [0] }],
      random: { count: 0, by: "any" },
    };
    const found = await verified(verifyCircuit, model, question);
    const known = new Map<string, number[]>();
    const runs = (cut: { kept: CircuitUnit[] } | { removed: CircuitUnit[] }) => {
      const key = JSON.stringify(cut);
      const stays = "kept" in cut ? circuitOf(cut.kept) : modelWithout(cut.removed);
      const values = known.get(key) ?? referenceCircuit(reference, question, stays);
      known.set(key, values);
      return values;
    };
    const without = (K: readonly number[]) => ({
      kept: units.filter((_, i) => !K.includes(i)),
    });
    const [ends] = only(found, "ends");
    expectNear(ends!.full, runs({ removed: [] }), "full");
    expectNear(ends!.circuit, runs({ kept: units }), "circuit");
    expectNear(ends!.empty, runs({ kept: [] }), "empty");
    expect(ends!.leastReferences).toBe(ablation === "mean" ? 1 : null);
    const subsets = only(found, "subset");
    expect(subsets.filter(({ set }) => set.kind !== "greedy")).toHaveLength(4);
    for (const { set, circuit, model: rest } of subsets) {
      expectNear(circuit, runs(without(set.units)), set.name);
      expectNear(
        rest,
        runs({ removed: units.filter((_, i) => set.units.includes(i)) }),
        `${set.name}, model`,
      );
    }
    const needed = only(found, "needed");
    expect(needed.map(({ unit }) => unit)).toEqual(units.map((_, i) => i));
    for (const { unit, set, before, after } of needed) {
      expect(set.units).not.toContain(unit);
      expectNear(before, runs(without(set.units)), `before ${unit}`);
      expectNear(after, runs(without([...set.units, unit])), `after ${unit}`);
      // No other K that was tried parts them more.
      for (const { set: other } of subsets.filter(({ set: { kind } }) => kind !== "greedy")) {
        const K = other.units.filter((i) => i !== unit);
        const effect = minimality(runs(without([...K, unit])), runs(without(K)));
        expect(effect).toBeLessThan(minimality(after, before) + 1e-3);
      }
    }
    await engine.release();
  });
});

/** A few heads, some at a place only, one of them in two of them; and MLPs. */
function unitsOf(random: Random, n_layer: number, n_head: number, withMlps: boolean) {
  const [l, h] = [integer(random, 0, n_layer - 1), integer(random, 0, n_head - 1)];
  return [
    head(l, h, [0]),
    head(l, h, [1]),
    ...(n_head > 1 ? [head(0, (h + 1) % n_head)] : []),
    ...(withMlps ? [{ layer: l, head: null, places: null }] : []),
  ];
}

const planted: PatchPair[] = [
  { clean: [3, 1, 4], corrupted: [3, 2, 4], answers: [7], wrong: [8], places: [[1], [2]] },
  { clean: [1, 3, 5], corrupted: [2, 3, 5], answers: [7], wrong: [8], places: [[0], [2]] },
];

describe("planted", () => {
  it("the whole graph is exactly 1, nothing exactly 0, however it is told", async () => {
    const { engine, model } = await backupModel();
    const all = [0, 1, 2].map((h) => head(0, h));
    for (const withMlps of [false, true]) {
      const units = [...all, ...(withMlps ? [{ layer: 0, head: null, places: null }] : [])];
      const found = await verified(verifyCircuit, model, {
        ...plain,
        pairs: planted,
        units,
        withMlps,
      });
      const [ends] = only(found, "ends");
      const scale = faithfulnessEnds(ends!.full, ends!.empty);
      expect(normalisedFaithfulness(ends!.circuit, scale)).toBe(1);
      expect(normalisedFaithfulness(ends!.empty, scale)).toBe(0);
      expect(meanMetric(ends!.empty)).toBeCloseTo(0, 6);
    }
    await engine.release();
  });

  it("a head that does nothing is not needed; two that stand in for each other are, once the other is gone", async () => {
    const { engine, model } = await backupModel();
    const question = { ...plain, pairs: planted, units: [head(0, 0), head(0, 1), head(0, 2)] };
    const classes = [
      { name: "movers", units: [0, 1] },
      { name: "idle", units: [2] },
    ];
    const found = await verified(verifyCircuit, model, { ...question, classes });
    const [ends] = only(found, "ends");
    const { span } = faithfulnessEnds(ends!.full, ends!.empty);
    const effect = only(found, "needed").map(
      ({ before, after }) => minimality(after, before) / span,
    );
    expect(effect[0]).toBeGreaterThan(0.9);
    expect(effect[1]).toBeGreaterThan(0.9);
    expect(effect[2]).toBeLessThan(1e-6);
    expect(only(found, "needed")[0]!.set).toMatchObject({ name: "movers", units: [1] });
    // With K = ∅ alone neither would be seen to matter.
    const alone = await verified(verifyCircuit, model, question);
    for (const { unit, before, after } of only(alone, "needed")) {
      expect(minimality(after, before) / span, String(unit)).toBeLessThan(0.01);
    }
    await engine.release();
  });

  it("a circuit without the backup is faithful, and not complete; with it, it is both", async () => {
    const { engine, model } = await backupModel();
    const judged = async (units: CircuitUnit[]) => {
      const classes = [{ name: "mover", units: [0] }];
      const found = await verified(verifyCircuit, model, {
        ...plain,
        pairs: planted,
        units,
        classes,
        greedy: true,
      });
      const [ends] = only(found, "ends");
      const scale = faithfulnessEnds(ends!.full, ends!.empty);
      const gaps = only(found, "subset").map(
        (one) => [one.set.kind, incompleteness(one.circuit, one.model) / scale.span] as const,
      );
      return { share: normalisedFaithfulness(ends!.circuit, scale), gaps: new Map(gaps) };
    };
    const lacking = await judged([head(0, 0)]);
    expect(lacking.share).toBeGreaterThan(0.99);
    expect(lacking.gaps.get("none")).toBeLessThan(0.01);
    expect(lacking.gaps.get("class")).toBeGreaterThan(0.9);
    expect(lacking.gaps.get("greedy")).toBeGreaterThan(0.9); // it is found by the search, too
    const whole = await judged([head(0, 0), head(0, 1)]);
    expect(whole.share).toBeCloseTo(1, 6);
    expect(whole.gaps.get("class")).toBeLessThan(1e-6);
    await engine.release();
  });

  it("random circuits: those without a head that writes are below", async () => {
    const { engine, model } = await backupModel();
    const random = { count: 30, by: "any" as const };
    const found = await verified(verifyCircuit, model, {
      ...plain,
      pairs: planted,
      units: [head(0, 0)],
      random,
    });
    const values = only(found, "random").map((one) => meanMetric(one.values));
    const [ends] = only(found, "ends");
    expect(values).toHaveLength(30);
    const high = values.filter((v) => v > 0.9 * meanMetric(ends!.full)).length;
    const none = values.filter((v) => Math.abs(v) < 1e-3).length;
    expect(high + none).toBe(30); // two heads of three are as good as each other, one does nothing
    expect(none).toBeGreaterThan(2);
    expect(high).toBeGreaterThan(10);
    await engine.release();
  });
});

describe("questions", () => {
  it.each([
    [{ units: [] }, /circuit is empty/],
    [{ units: [head(1, 0)] }, /head 1.0 is no node/],
    [{ units: [head(0, 0, [2])] }, /place 2 of 2/],
    [{ units: [{ layer: 0, head: null, places: null }] }, /MLP 0 is no node/],
    [{ subsets: -1 }, /random K is -1/],
    [{ classes: [{ name: "x", units: [4] }] }, /class “x” names unit 4 of 1/],
    [{ pairs: [] }, /no pair/],
  ] satisfies [Partial<VerifyQuestion>, RegExp][])("refuses %j", async (patch, why) => {
    const { engine, model } = await backupModel();
    const question = { ...plain, pairs: planted, units: [head(0, 0)], ...patch };
    await expect(verified(verifyCircuit, model, question)).rejects.toThrow(why);
    await engine.release();
  });

  it("stopped, what was found had been told", async () => {
    const { engine, model } = await backupModel();
    const abort = new AbortController();
    const seen: string[] = [];
    const run = verifyCircuit(
      model,
      { ...plain, pairs: planted, units: [head(0, 0)], subsets: 5 },
      {
        signal: abort.signal,
        progress: ({ found }) => {
          seen.push(...found.map(({ kind }) => kind));
          if (found.length > 0) abort.abort();
        },
      },
    );
    await expect(run).rejects.toThrow(/abort/i);
    expect(seen).toEqual(["ends"]);
    await engine.release();
  });
});
