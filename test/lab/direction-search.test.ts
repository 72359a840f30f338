/** The search for examples beside a slow literal computation in float64, on a small made-up model. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Basis } from "../../src/core/basis.ts";
import type { Direction, Found, SearchProgress } from "../../src/core/direction.ts";
import { openSearch, searchDirection } from "../../src/lab/direction-search.ts";
import { featureActivations } from "../../src/lab/feature-reader.ts";
import { keyedRandom, normal } from "../../src/math/keyed-random.ts";
import { encode } from "../../src/math/sae.ts";
import type { LoadedModel } from "../../src/model/loaded-model.ts";
import { nodeEngine, type NodeEngine } from "../model/node-engine.ts";
import { tinyCheckpoint } from "../model/tiny-checkpoint.ts";
import { referenceRun } from "../reference/forward.ts";
import { ODD } from "../reference/models.ts";
import { processed } from "../reference/tl-weights.ts";
import { referenceModel, type ReferenceModel } from "../reference/weights.ts";
import { randomSae } from "./edit-models.ts";
import { engineAsModel } from "./engine-model.ts";

const BOS = ODD.bos_token_id;
const D = ODD.n_embd;
const h = D / ODD.n_head;
const random = keyedRandom(9);
/** Ten contexts of 11 tokens and one of 4; one has BOS within. */
const CONTEXTS = Array.from({ length: 11 }, (_, c) =>
  Int32Array.from({ length: c === 10 ? 4 : 11 }, (_, t) =>
    t === 0 || (c === 3 && t === 5) ? BOS : Math.floor(random() * (BOS - 1)),
  ),
);
/** Reads a phrase as the tokens that its letters stand for. */
const tokenizer = {
  encode: (text: string, bos: boolean) => ({
    ids: [...(bos ? [BOS] : []), ...Array.from(text, (c) => c.charCodeAt(0))],
    warnings: [],
  }),
  strings: (ids: readonly number[]) => ids.map(String),
  decode: String,
};
const sae = randomSae("blocks.1.hook_resid_mid", D, 60);

let engine: NodeEngine;
let model: LoadedModel;
let references: Record<Basis, ReferenceModel>;
beforeAll(async () => {
  const { config, weights } = tinyCheckpoint({ ...ODD });
  engine = await nodeEngine(config, weights);
  model = engineAsModel(engine, {}, tokenizer);
  const raw = referenceModel(engine.config, engine.weight);
  references = { raw, tl: processed(raw) };
});
afterAll(() => engine.release());

const reading = () => ({
  contexts: (async function* () {
    for (const [i, ids] of CONTEXTS.entries()) yield await Promise.resolve({ ids, share: i / 11 });
  })(),
  warnings: () => [],
});
function search(direction: Direction, basis: Basis, seen: SearchProgress[] = []): Promise<Found> {
  return searchDirection(
    model,
    { direction, source: { kind: "corpus" }, tokens: null, keep: 4, basis },
    {
      signal: new AbortController().signal,
      progress: (p) => seen.push(p),
      openSae: () => Promise.resolve(sae),
      contexts: reading(),
    },
  );
}

it("goes on where it was stopped, and further than it was asked before: no text twice", async () => {
  const request = {
    direction: { kind: "neuron", layer: 1, neuron: 5 },
    source: { kind: "corpus" },
    ...({ keep: 4, basis: "raw" } as const),
  } as const;
  const context = { signal: new AbortController().signal, progress: () => {} };
  const open = (contexts = reading()) =>
    openSearch(model, request, {
      ...{ signal: context.signal, contexts, openSae: () => Promise.resolve(sae) },
    });
  const whole = await (await open()).read(null, context);
  const abort = new AbortController();
  const { contexts, warnings } = reading();
  const stopping = async function* () {
    for await (const each of contexts) {
      if (each.share > 0.2) abort.abort(); // with the fourth context
      yield each;
    }
  };
  const search = await open({ contexts: stopping(), warnings });
  const stopped = search.read(null, { signal: abort.signal, progress: () => {} });
  await expect(stopped).rejects.toThrow("cancelled");
  const soFar = search.tokens();
  expect(soFar).toBeGreaterThan(0);
  expect(soFar).toBeLessThan(whole.tokens);
  const some = await search.read(soFar + 15, context);
  expect(some.tokens).toBeGreaterThanOrEqual(soFar + 15);
  expect(some.tokens).toBeLessThan(whole.tokens);
  expect(await search.read(null, context)).toEqual(whole);
});

type Read = (name: string) => { value: Float64Array; dims: number[] };
/** One number a token, in float64, out of a run of the reference. */
type Literal = (read: Read, t: number, reference: ReferenceModel) => number;

const dot = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((sum, x, i) => sum + x * b[i]!, 0);
const at = (read: Read, hook: string, t: number, width: number) =>
  read(hook).value.subarray(t * width, (t + 1) * width);
/** The head's result out of z and the (processed) output matrix, as TransformerLens defines it. */
const result = (read: Read, t: number, reference: ReferenceModel, layer: number, head: number) => {
  const z = at(read, `blocks.${layer}.attn.hook_z`, t, D);
  const { W } = reference.blocks[layer]!.out;
  return Float64Array.from({ length: D }, (_, d) => {
    let sum = 0;
    for (let i = 0; i < h; i++) sum += z[head * h + i]! * W[(head * h + i) * D + d]!;
    return sum;
  });
};
const vector = Float32Array.from({ length: D }, () => normal(random));
const lists = { hook: "blocks.2.hook_resid_post", plus: ["ab", "xyz", "q"], minus: ["hello", "w"] };
const lastOf = (reference: ReferenceModel, phrase: string) => {
  const { ids } = tokenizer.encode(phrase, true);
  return at(referenceRun(reference, [ids]).get, lists.hook, ids.length - 1, D);
};
const meanOf = (reference: ReferenceModel, phrases: string[]) => {
  const rows = phrases.map((phrase) => lastOf(reference, phrase));
  return Float64Array.from(
    { length: D },
    (_, d) => rows.reduce((s, r) => s + r[d]!, 0) / rows.length,
  );
};
function difference(reference: ReferenceModel) {
  const [plus, minus] = [meanOf(reference, lists.plus), meanOf(reference, lists.minus)];
  const d = plus.map((x, i) => x - minus[i]!);
  const length = Math.hypot(...d);
  return { unit: d.map((x) => x / length), length };
}
/** u of a token's logit: the unembedding with the last LayerNorm's weight, centred over d_model. */
const unembedding = (reference: ReferenceModel, token: number) => {
  const { W } = reference.unembed;
  const u = Float64Array.from(
    { length: D },
    (_, d) => W[d * ODD.vocab_size + token]! * reference.lnFinal.w[d]!,
  );
  const mean = u.reduce((a, b) => a + b, 0) / D;
  return u.map((x) => x - mean);
};

const CASES: [string, Direction, Literal][] = [
  [
    "a neuron",
    { kind: "neuron", layer: 1, neuron: 17 },
    (read, t) => at(read, "blocks.1.mlp.hook_post", t, ODD.n_inner)[17]!,
  ],
  [
    "a head's norm",
    { kind: "head", layer: 1, head: 3, token: null },
    (read, t, reference) => Math.hypot(...result(read, t, reference, 1, 3)),
  ],
  [
    "a head along a token",
    { kind: "head", layer: 2, head: 0, token: 42 },
    (read, t, reference) => dot(result(read, t, reference, 2, 0), unembedding(reference, 42)),
  ],
  [
    "a vector",
    { kind: "vector", hook: "blocks.1.hook_mlp_out", vector },
    (read, t) => dot(at(read, "blocks.1.hook_mlp_out", t, D), vector) / Math.hypot(...vector),
  ],
  [
    "a difference of means",
    { kind: "difference", ...lists },
    (read, t, reference) => dot(at(read, lists.hook, t, D), difference(reference).unit),
  ],
];

describe.each(["raw", "tl"] as const)("in the %s basis", (basis) => {
  it.each(CASES)("%s", async (_, direction, literal) => {
    const reference = references[basis];
    const values = CONTEXTS.map((ids) => {
      const { get } = referenceRun(reference, [[...ids]]);
      return Array.from(ids, (id, t) => (t === 0 || id === BOS ? NaN : literal(get, t, reference)));
    });
    const found = await search(direction, basis);
    const all = values.flat().filter((v) => !Number.isNaN(v));
    const scale = Math.max(...all.map(Math.abs));
    const close = (a: number | null | undefined, b: number) =>
      expect(Math.abs(a! - b) / scale).toBeLessThan(2e-5);
    expect(found.tokens).toBe(all.length);
    expect(found.contexts).toBe(CONTEXTS.length);
    const mean = all.reduce((a, b) => a + b, 0) / all.length;
    close(found.mean, mean);
    close(found.deviation, Math.sqrt(all.reduce((a, b) => a + (b - mean) ** 2, 0) / all.length));
    close(found.least, Math.min(...all));
    close(found.most, Math.max(...all));

    // Each bin holds what lies in it, give or take values on an edge to float32's precision.
    const { binWidth, from, counts } = found.histogram;
    expect(counts.reduce((a, b) => a + b, 0)).toBe(all.length);
    counts.forEach((count, i) => {
      const [low, high] = [(from + i) * binWidth, (from + i + 1) * binWidth];
      const inside = (slack: number) =>
        all.filter((v) => v >= low - slack && v < high + slack).length;
      expect(count).toBeLessThanOrEqual(inside(1e-4 * scale));
      expect(count).toBeGreaterThanOrEqual(inside(-1e-4 * scale));
    });

    for (const sign of [1, -1]) {
      const peaks = values.map((row, context) => {
        const signed = row.map((v) => (Number.isNaN(v) ? -Infinity : sign * v));
        const value = Math.max(...signed);
        return { context, value, t: signed.indexOf(value) };
      });
      peaks.sort((a, b) => b.value - a.value);
      const kept = sign === 1 ? found.highest : found.lowest;
      expect(kept).toHaveLength(4);
      kept.forEach((example, i) => {
        const { context, t } = peaks[i]!;
        expect(example.tokens).toEqual([...CONTEXTS[context]!.slice(1)].map(String));
        expect(example.peak).toBe(t - 1);
        example.values.forEach((v, j) => {
          const expected = values[context]![j + 1]!;
          if (Number.isNaN(expected)) expect(v).toBeNaN();
          else close(v, expected);
        });
      });
    }
    if (direction.kind === "difference") {
      const { unit, length } = difference(reference);
      close(found.difference!.length, length);
      found.difference!.unit.forEach((x, d) => expect(x).toBeCloseTo(unit[d]!, 4));
    } else expect(found.difference).toBeNull();
  });
});

it("a feature is what the SAE's encoder says, of either kind", async () => {
  const { hook } = sae.config;
  const found = await search({ kind: "feature", sae: "any", feature: 7 }, "tl");
  expect(found.hook).toBe(hook);
  const all = CONTEXTS.flatMap((ids) => {
    const { get } = referenceRun(references.raw, [[...ids]]);
    const f = encode(Float32Array.from(get(hook).value), sae.weights, sae.config);
    return Array.from(ids, (id, t) => (t === 0 || id === BOS ? NaN : f[t * 60 + 7]!));
  }).filter((v) => !Number.isNaN(v));
  expect(found.most).toBeCloseTo(Math.max(...all), 3);
  expect(found.mean).toBeCloseTo(all.reduce((a, b) => a + b, 0) / all.length, 4);

  const rows = Float32Array.from({ length: 20 * D }, () => normal(random));
  for (const variant of ["topk", "standard"] as const) {
    for (const applyBDecToInput of [false, true]) {
      const kind =
        variant === "topk" ? ({ variant, k: 9 } as const) : ({ variant, k: null } as const);
      const config = { ...sae.config, ...kind, applyBDecToInput };
      const whole = encode(rows, sae.weights, config);
      for (const feature of [0, 7, 59]) {
        const own = featureActivations(rows, { config, weights: sae.weights }, feature);
        expect([...own]).toEqual(Array.from({ length: 20 }, (_, r) => whole[r * 60 + feature]));
      }
    }
  }
});

describe("a search", () => {
  const neuron: Direction = { kind: "neuron", layer: 0, neuron: 1 };
  const start = (direction: Direction, more: object = {}, signal = new AbortController().signal) =>
    searchDirection(
      model,
      { direction, source: { kind: "corpus" }, tokens: null, keep: 4, basis: "raw", ...more },
      {
        signal,
        progress: () => undefined,
        openSae: () => Promise.resolve(sae),
        contexts: reading(),
      },
    );
  it("stops after the tokens that were asked for", async () => {
    expect((await start(neuron, { tokens: 1 })).tokens).toBe(10);
  });
  it("can be cancelled", async () => {
    const abort = new AbortController();
    abort.abort();
    await expect(start(neuron, {}, abort.signal)).rejects.toMatchObject({ code: "cancelled" });
  });
  it.each<[Direction, RegExp]>([
    [{ kind: "neuron", layer: 3, neuron: 0 }, /layer 3 is not among 0 … 2/],
    [{ kind: "neuron", layer: 0, neuron: 53 }, /neuron 53 is not among 0 … 52/],
    [{ kind: "head", layer: 0, head: 5, token: null }, /head 5 is not/],
    [{ kind: "head", layer: 0, head: 0, token: 999 }, /999 is no token id/],
    [{ kind: "head", layer: 0, head: 0, token: "ab" }, /“ab” is 2 tokens/],
    [{ kind: "head", layer: 0, head: 0, token: "" }, /no token was given/],
    [{ kind: "feature", sae: "s", feature: 60 }, /feature 60 is not/],
    [{ kind: "vector", hook: "blocks.0.mlp.hook_post", vector }, /has no place at blocks.0.mlp/],
    [{ kind: "vector", hook: "hook_embed", vector }, /has no place at hook_embed/],
    [{ kind: "vector", hook: lists.hook, vector: new Float32Array(D) }, /is no direction/],
    [{ kind: "vector", hook: lists.hook, vector: new Float32Array(3) }, /has 3 numbers/],
    [{ kind: "difference", ...lists, plus: [] }, /a phrase in each/],
    [{ kind: "difference", ...lists, minus: lists.plus }, /is 0, which is no direction/],
    [{ kind: "difference", ...lists, plus: ["x".repeat(11)] }, /12 tokens, this model reads 11/],
    [{ kind: "difference", ...lists, plus: [""] }, /is no token/],
  ])("refuses %j", async (direction, message) => {
    await expect(start(direction)).rejects.toThrow(message);
  });
  it("refuses a number of examples that is none", async () => {
    for (const keep of [0, 101, 1.5])
      await expect(start(neuron, { keep })).rejects.toThrow(/1 to 100/);
  });
});
