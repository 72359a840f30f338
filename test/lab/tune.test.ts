/** Fine-tuning on small models, and what it does to the rest; drift against hand-made numbers. */
import { describe, expect, it } from "vitest";
import type { TuneComponent, WeightEdit } from "../../src/core/model-edit.ts";
import { type TunePoint, type TuneRecipe, TUNE_DEFAULTS } from "../../src/core/tune.ts";
import { allComponents } from "../../src/core/model-edit.ts";
import { partSize, partsOf, placesOf } from "../../src/core/weight-parts.ts";
import { measureDrift } from "../../src/lab/drift.ts";
import { tensorsOf, tune } from "../../src/lab/tune.ts";
import {
  chunksOf,
  readExamples,
  type ReadExample,
  splitExamples,
  wantedOf,
} from "../../src/lab/tune-examples.ts";
import { Adam, clipGradients } from "../../src/math/adam.ts";
import { DriftSum } from "../../src/math/drift.ts";
import { logSoftmax } from "../../src/math/logit-metric.ts";
import { editWeights, tensorWidth } from "../../src/math/weight-edits.ts";
import { parseConfig } from "../../src/model/config.ts";
import { editedCheckpoint } from "../../src/model/edited-checkpoint.ts";
import { tinyCheckpoint } from "../model/tiny-checkpoint.ts";
import { checkpointOf, engineOf, fedNames, tuningOf } from "../model/tuning-engine.ts";
import { engineAsModel } from "./engine-model.ts";

const json = {
  ...{ n_layer: 2, n_embd: 6, n_head: 3, n_inner: 5, n_positions: 7, vocab_size: 11 },
  bos_token_id: 10,
};
const files = tinyCheckpoint(json);
const { config } = parseConfig(files.config);
const examples: ReadExample[] = [
  { ids: [10, 1, 2, 3], from: 3 },
  { ids: [10, 4, 5, 6, 7], from: 3 },
  { ids: [10, 8, 3], from: 2 },
  { ids: [10, 9, 9, 0], from: 2 },
];
const recipe = (
  components: readonly TuneComponent[],
  more: Partial<TuneRecipe> = {},
): TuneRecipe => ({
  ...{ ...TUNE_DEFAULTS, examples: [], pairs: [], prependBos: true, components },
  ...{ learningRate: 0.03, steps: 12, batch: 3, heldOut: 0 },
  ...more,
});

async function tuned(components: readonly TuneComponent[], more: Partial<TuneRecipe> = {}) {
  const base = checkpointOf(files);
  const model = await tuningOf(base, tensorsOf(components, config));
  const points: TunePoint[] = [];
  const abort = new AbortController();
  const result = await tune(model, config, model.base, examples, recipe(components, more), {
    ...{ signal: abort.signal, stopped: () => false, begun: () => {} },
    point: (point) => points.push(point),
  });
  await model.dispose();
  return { base, result, points };
}

describe("what is trained", () => {
  it("covers every number of the blocks and the final LayerNorm exactly once", () => {
    const seen = new Map(fedNames(config).map((name) => [name, new Map<number, number>()]));
    for (const component of allComponents(config)) {
      for (const part of partsOf(component, config)) {
        for (const at of placesOf(part, tensorWidth(part.tensor, config))) {
          const counts = seen.get(part.tensor)!;
          counts.set(at, (counts.get(at) ?? 0) + 1);
        }
      }
    }
    const base = checkpointOf(files);
    for (const [name, counts] of seen) {
      const size = base.tensors.get(name)!.shape.reduce((a, b) => a * b, 1);
      expect(
        [...counts.keys()].sort((a, b) => a - b),
        name,
      ).toEqual(Array.from({ length: size }, (_, i) => i));
      expect(Math.max(...counts.values()), name).toBe(1);
    }
  });

  it.each<[string, TuneComponent[]]>([
    ["a head", [{ kind: "head", layer: 1, head: 2 }]],
    [
      "an MLP and its layer's norms",
      [
        { kind: "mlp", layer: 0 },
        { kind: "norms", layer: 0 },
      ],
    ],
    ["b_O and the final norm", [{ kind: "attnBias", layer: 1 }, { kind: "finalNorm" }]],
  ])("%s: the loss falls, and every other number stays bit-identical", async (_, components) => {
    const { base, result, points } = await tuned(components);
    expect(points.map(({ step }) => step)).toEqual(Array.from({ length: 13 }, (_, i) => i));
    expect(result.loss[1]).toBeLessThan(result.loss[0] - 0.05);
    expect(result.loss[0]).toBe(points[0]!.train);
    expect(result.loss[1]).toBe(Math.min(...points.map(({ train }) => train ?? Infinity)));
    const parts = components.flatMap((component) => partsOf(component, config));
    expect(result.parameters).toBe(parts.reduce((sum, part) => sum + partSize(part), 0));
    const edit: WeightEdit = {
      ...{ kind: "tuned", id: "t", components, on: true },
      ...{
        parameters: result.parameters,
        examples: 4,
        step: result.step,
        loss: result.loss,
        heldOut: null,
      },
    };
    const changed = await editWeights([edit], config, {
      read: async (name) => (await base.readTensor(name)).data,
      deltas: () => Promise.resolve(result.deltas),
    });
    for (const [name, values] of changed) {
      const own = new Set<number>();
      for (const part of parts.filter(({ tensor }) => tensor === name)) {
        for (const at of placesOf(part, tensorWidth(name, config))) own.add(at);
      }
      const before = (await base.readTensor(name)).data;
      values.forEach((value, i) => {
        if (!own.has(i)) expect(value, `${name}[${i}]`).toBe(before[i]);
      });
      expect(
        values.some((value, i) => value !== before[i]),
        name,
      ).toBe(true);
    }
    expect([...changed.keys()].sort()).toEqual(tensorsOf(components, config).sort());
    // And the edited model has the loss that was told.
    const checkpoint = editedCheckpoint(base, changed, "e", { id: "e", base: "b", edits: 1 });
    const engine = await engineOf(checkpoint);
    const { logits } = await engine.runner.run({
      ...{ ids: examples.map(({ ids }) => ids), names: [], edits: [], logits: "all" },
    });
    const [T, V] = [5, config.vocab_size];
    const wanted = wantedOf(examples);
    const loss = wanted.reduce((sum, { row, pos, next }) => {
      const at = (row * T + pos) * V;
      return sum - logSoftmax(logits!.data.subarray(at, at + V))[next]! / wanted.length;
    }, 0);
    expect(loss).toBeCloseTo(result.loss[1], 5);
    await engine.release();
  });

  it("is the same again by the same seed, and keeps the best by what is held out", async () => {
    const components: TuneComponent[] = [{ kind: "mlp", layer: 1 }];
    const run = () => tuned(components, { heldOut: 0.25, steps: 6, learningRate: 0.3, batch: 2 });
    const [a, b] = [await run(), await run()];
    expect(a.points).toEqual(b.points);
    expect(a.result).toEqual(b.result);
    expect(a.result.examples).toBe(3);
    const best = Math.min(...a.points.map(({ heldOut }) => heldOut!));
    expect(a.result.heldOut![1]).toBe(best);
    expect(a.points.find(({ step }) => step === a.result.step)!.heldOut).toBe(best);
  });

  it("stays nearer to the base with weight decay", async () => {
    const size = async (decay: number) => {
      const { result } = await tuned([{ kind: "mlp", layer: 0 }], { decay, steps: 30 });
      return Math.hypot(...result.deltas.flatMap(({ values }) => [...values]));
    };
    expect(await size(10)).toBeLessThan(0.9 * (await size(0)));
  });

  it("stops when asked, and refuses recipes with the value in the message", async () => {
    const model = await tuningOf(checkpointOf(files), tensorsOf([{ kind: "finalNorm" }], config));
    let steps = 0;
    const context = {
      ...{ signal: new AbortController().signal, begun: () => {}, stopped: () => steps >= 2 },
      point: ({ step }: TunePoint) => (steps = step),
    };
    const run = (more: Partial<TuneRecipe>) =>
      tune(model, config, model.base, examples, recipe([{ kind: "finalNorm" }], more), context);
    expect(await run({})).toMatchObject({ steps: 2, stopped: true });
    await expect(run({ learningRate: 0 })).rejects.toThrow(/learningRate.*got 0/);
    await expect(run({ steps: 2.5 })).rejects.toThrow(/steps.*got 2\.5/);
    await expect(run({ heldOut: 0.9 })).rejects.toThrow(/heldOut.*got 0\.9/);
    await expect(run({ components: [] })).rejects.toThrow(/nothing is chosen/);
    await model.dispose();
  });
});

describe("examples", () => {
  /** A token for each letter; "th" is one. */
  const encode = (text: string, bos: boolean) => ({
    ids: [
      ...(bos ? [10] : []),
      ...(text.match(/th|./g) ?? []).map((t) => (t === "th" ? 9 : t.charCodeAt(0) - 97)),
    ],
    warnings: [],
  });
  const model = { info: { config }, tokenizer: { encode } } as unknown as Parameters<
    typeof readExamples
  >[0];
  const read = (prompt: string, wanted: string) =>
    readExamples(model, { examples: [{ prompt, wanted }], pairs: [], prependBos: true });

  it("are wanted from where the prompt ends", () => {
    expect(read("ab", "cd")).toEqual([{ ids: [10, 0, 1, 2, 3], from: 3 }]);
    const pairs = [{ clean: [10, 3], corrupted: [10, 4], answers: [5, 6], wrong: [] }];
    expect(readExamples(model, { examples: [], pairs, prependBos: true })).toEqual([
      { ids: [10, 3, 5], from: 2 },
    ]);
  });
  it("refuse what cannot be", () => {
    expect(() => read("at", "hb")).toThrow(/example 1.*no token ends/);
    expect(() => read("ab", "")).toThrow(/example 1: nothing is wanted/);
    expect(() => read("abcde", "fgh")).toThrow(/9 tokens.*reads 7/);
    expect(() => readExamples(model, { examples: [], pairs: [], prependBos: true })).toThrow(
      /no examples/,
    );
  });
  it("are split by seed, one at least to train on, and cut into runs that fit", () => {
    const { train, heldOut } = splitExamples([1, 2, 3, 4, 5], 0.4, 7);
    expect([...train, ...heldOut].sort()).toEqual([1, 2, 3, 4, 5]);
    expect(heldOut).toHaveLength(2);
    expect(splitExamples([1], 0.5, 1)).toEqual({ train: [1], heldOut: [] });
    const many = Array.from({ length: 50 }, () => ({
      ids: Array.from({ length: 100 }, () => 1),
      from: 60,
    }));
    expect(chunksOf(many, 50257).map(({ length }) => length)).toEqual([8, 8, 8, 8, 8, 8, 2]);
    expect(chunksOf(many, 11).map(({ length }) => length)).toEqual([20, 20, 10]);
  });
});

describe("Adam", () => {
  it("moves as its definition says", () => {
    // PyTorch 2.6: torch.optim.AdamW([1.0], lr=0.1, weight_decay=0.5), gradients 2 and −1; eps outside the root.
    const x = [Float32Array.of(1)];
    const adam = new Adam(x);
    const options = { learningRate: 0.1, decay: 0.5 };
    adam.step([Float32Array.of(2)], options);
    expect(x[0]![0]).toBeCloseTo(1 - 0.1 * (1 + 0.5), 6);
    adam.step([Float32Array.of(-1)], options);
    const [m, v] = [(0.9 * 0.2 - 0.1) / 0.19, (0.999 * 0.004 + 0.001) / (1 - 0.999 ** 2)];
    expect(x[0]![0]).toBeCloseTo(0.85 - 0.1 * (m / Math.sqrt(v) + 0.5 * 0.85), 6);
  });
  it("cuts gradients to a length, all together", () => {
    const g = [Float32Array.of(3, 0), Float32Array.of(-4)];
    expect(clipGradients(g, 0)).toBe(5);
    expect(clipGradients(g, 2.5)).toBe(5);
    expect(g).toEqual([Float32Array.of(1.5, 0), Float32Array.of(-2)]);
    expect(() => clipGradients([Float32Array.of(NaN)], 1)).toThrow(/NaN.*smaller learning rate/);
  });
});

describe("drift", () => {
  it("is told by hand values", () => {
    const sum = new DriftSum();
    const q = logSoftmax(Float32Array.of(0, Math.log(3)));
    sum.add(q, Float32Array.of(0, 0), 1); // KL = ¼ ln ½ + ¾ ln 1.5
    sum.add(q, Float32Array.of(0, Math.log(3)), 0);
    const kl = 0.25 * Math.log(0.5) + 0.75 * Math.log(1.5);
    const { tokens, loss, perplexity, kl: found, sameTop } = sum.result();
    expect(tokens).toBe(2);
    expect(loss).toBeCloseTo((Math.log(2) + Math.log(4)) / 2, 6);
    expect(perplexity).toBeCloseTo(Math.sqrt(8), 5);
    expect(found).toBeCloseTo(kl / 2, 6);
    expect(sameTop).toBe(0.5);
    expect(() => new DriftSum().result()).toThrow(/no token/);
  });

  it("of no edit is exactly 0, of one is not; the base stays what it was", async () => {
    const name = "h.0.mlp.c_proj.bias";
    const tuning = await tuningOf(checkpointOf(files), [name]);
    const engine = await engineOf(checkpointOf(files));
    const changed = new Map([[name, Float32Array.from({ length: 6 }, (_, i) => i / 3)]]);
    const ask = (variants: ReadonlyMap<string, Float32Array>[]) =>
      measureDrift({
        ...{ model: tuning, info: engineAsModel(engine), variants, progress: () => {} },
        contexts: [
          [10, 1, 2, 3],
          [10, 5, 5],
        ],
        pairs: [{ clean: [10, 3], corrupted: [10, 4], answers: [5], wrong: [6] }],
        signal: new AbortController().signal,
      });
    const [base, same, other] = await ask([new Map(), changed]);
    expect(base!.text).toMatchObject({ tokens: 5, kl: 0, sameTop: 1 });
    expect(same).toEqual(base);
    expect(other!.text.kl).toBeGreaterThan(1e-3);
    expect(other!.task!.logitDiff).not.toBe(base!.task!.logitDiff);
    expect(await ask([changed, new Map()])).toEqual([base, other, base]);
    const { logits } = await engine.runner.run({
      ids: [[10, 1, 2, 3]],
      names: [],
      edits: [],
      logits: "all",
    });
    const next = [1, 2, 3].map(
      (id, t) => -logSoftmax(logits!.data.subarray(11 * t, 11 * t + 11))[id]!,
    );
    const rest = await engine.runner.run({
      ids: [[10, 5, 5]],
      names: [],
      edits: [],
      logits: "all",
    });
    const more = [5, 5].map(
      (id, t) => -logSoftmax(rest.logits!.data.subarray(11 * t, 11 * t + 11))[id]!,
    );
    const mean = [...next, ...more].reduce((a, b) => a + b, 0) / 5;
    expect(base!.text.loss).toBeCloseTo(mean, 5);
    await Promise.all([tuning.dispose(), engine.release()]);
  });
});
