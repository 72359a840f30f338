/** Scores of rules and texts for labels, beside a literal count over all tokens; and a feature on texts, on a made-up model. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { featureOnTexts } from "../../src/lab/feature-on-texts.ts";
import { byQuantile, labelCases } from "../../src/lab/label-cases.ts";
import { RuleScores } from "../../src/lab/rule-score.ts";
import { keyedRandom } from "../../src/math/keyed-random.ts";
import { type IdRule, ruleApplies } from "../../src/math/label-rule.ts";
import { encode } from "../../src/math/sae.ts";
import type { LoadedModel } from "../../src/model/loaded-model.ts";
import { nodeEngine, type NodeEngine } from "../model/node-engine.ts";
import { tinyCheckpoint } from "../model/tiny-checkpoint.ts";
import { referenceRun } from "../reference/forward.ts";
import { ODD } from "../reference/models.ts";
import { referenceModel } from "../reference/weights.ts";
import { randomSae } from "./edit-models.ts";
import { engineAsModel } from "./engine-model.ts";

const F = 5;
const random = keyedRandom(11);
const contexts = Array.from({ length: 6 }, () =>
  Int32Array.from({ length: 9 }, (_, t) => (t === 0 ? 99 : Math.floor(random() * 6))),
);
const features = contexts.map(() =>
  Float32Array.from({ length: 8 * F }, () => Math.max(0, random() - 0.6)),
);
const rules = new Map<number, IdRule>([
  [1, { place: "on", ids: [2, 4], coverage: 1, base: 0.3 }],
  [3, { place: "after", ids: [0], coverage: 1, base: 0.2 }],
  [4, { place: "before", ids: [5], coverage: 1, base: 0.2 }],
]);

describe("scores of rules", () => {
  const score = (examples: (f: number) => { ids: number[]; peak: number }[]) => {
    const scores = new RuleScores(rules, (f) =>
      examples(f).map((e) => ({ ...e, activations: new Float32Array(e.ids.length) })),
    );
    contexts.forEach((ids, c) => scores.add(ids, features[c]!, F));
    return scores;
  };
  /** The definition, token by token, over the contexts that count for the feature. */
  const literal = (feature: number, counted: (c: number) => boolean) => {
    const counts = { hits: 0, misses: 0, falseAlarms: 0, rejections: 0 };
    contexts.forEach((ids, c) => {
      if (!counted(c)) return;
      const told = ruleApplies(ids.subarray(1), rules.get(feature)!);
      told.forEach((said, t) => {
        const active = features[c]![t * F + feature]! > 0;
        counts[active ? (said ? "hits" : "misses") : said ? "falseAlarms" : "rejections"] += 1;
      });
    });
    return counts;
  };
  it.each([1, 3, 4])("count every token of feature %d once", (feature) => {
    const scores = score(() => []);
    expect(scores.tokens).toBe(48);
    expect(scores.counts(feature)).toEqual(literal(feature, () => true));
  });
  it("leave a context out for the feature whose example it shows, and for no other", () => {
    const c = 2;
    const at = features[c]!.findIndex((v, i) => v > 0 && i % F === 1 && i >= 4 * F);
    const peak = Math.floor(at / F);
    const example = { ids: [...contexts[c]!.subarray(1)], peak };
    const scores = score((f) => (f === 1 ? [example] : []));
    expect(scores.counts(1)).toEqual(literal(1, (other) => other !== c));
    expect(scores.counts(3)).toEqual(literal(3, () => true));
  });
});

describe("texts to judge a label by", () => {
  const T = 65; // two pieces of 32 tokens a context
  const active = new Set([0, 3, 4, 7]);
  const piece = (n: number) => Int32Array.from({ length: 32 }, (_, t) => 1000 * n + t);
  const corpus = {
    ...{ contextSize: T, shards: 4, heldOutFrom: 3 },
    contexts: (shard: number) =>
      Promise.resolve(Int32Array.from([9999, ...piece(2 * shard), ...piece(2 * shard + 1)])),
  };
  const input = {
    model: {
      harvest: (ids: Int32Array) => Promise.resolve([Float32Array.from(ids)]),
      tokenizer: { strings: (ids: readonly number[]) => ids.map(String) },
    },
    read: (rows: Float32Array) =>
      rows.map((id) => (active.has(Math.floor(id / 1000)) && id % 1000 === 7 ? id : 0)),
    ...{ corpus, hook: "", feature: 1, examples: [], count: 3, tokens: 1e6, seed: 1 },
    signal: new AbortController().signal,
    onShare: () => {},
  };
  it("are active and inactive ones, and never those that a label was made from", async () => {
    const found = await labelCases(input);
    const numbers = (list: { tokens: string[] }[]) =>
      list.map(({ tokens }) => Math.floor(Number(tokens[0]) / 1000));
    expect(numbers(found.active)).toEqual([0, 4, 7]);
    expect(found.active.every(({ activations, peak }) => activations[peak]! > 0)).toBe(true);
    expect(numbers(found.inactive).every((n) => !active.has(n))).toBe(true);
    expect(new Set(numbers(found.inactive)).size).toBe(3);
    const ids = [...piece(4)];
    const example = { ids, activations: new Float32Array(32), peak: 7 };
    const without = await labelCases({ ...input, examples: [example] });
    expect(numbers(without.active)).toEqual([0, 3, 7]);
  });
  it("are the same for the same seed, and said to be missing where there are none", async () => {
    expect(await labelCases({ ...input, seed: 5 })).toEqual(
      await labelCases({ ...input, seed: 5 }),
    );
    const never = labelCases({ ...input, read: (rows) => rows.map(() => 0) });
    await expect(never).rejects.toThrow(/feature 1 was active on no piece of 256 tokens/);
    const always = labelCases({ ...input, read: (rows) => rows.map(() => 1) });
    await expect(always).rejects.toThrow(/feature 1 was not active on no piece/);
  });
  it("are taken evenly from all strengths", () => {
    const pieces = [9, 1, 7, 3, 5, 2, 8, 4, 6, 0].map((v) => ({
      activations: Float32Array.of(v),
      peak: 0,
    }));
    expect(byQuantile(pieces, 5).map(({ activations }) => activations[0])).toEqual([1, 3, 5, 7, 9]);
    expect(byQuantile(pieces, 99)).toHaveLength(10);
  });
});

describe("a feature on texts", () => {
  const BOS = ODD.bos_token_id;
  const sae = randomSae("blocks.1.hook_resid_mid", ODD.n_embd, 60);
  let engine: NodeEngine;
  let model: LoadedModel;
  beforeAll(async () => {
    const { config, weights } = tinyCheckpoint({ ...ODD });
    engine = await nodeEngine(config, weights);
    model = engineAsModel(
      engine,
      {},
      {
        encode: (text, bos) => ({
          ids: [...(bos ? [BOS] : []), ...Array.from(text, (c) => c.charCodeAt(0) % (BOS - 1))],
          warnings: [],
        }),
        strings: (ids) => ids.map(String),
        decode: String,
      },
    );
  });
  afterAll(() => engine.release());

  it("is f(x) of each text by itself, BOS left out", async () => {
    const texts = ["abcd", "ba", "hello", "x", "zyxw", "aaaa", "q", "rs", "tuvw"];
    const feature = 7;
    const found = await featureOnTexts(
      model,
      { saeId: "s", feature, texts },
      () => Promise.resolve(sae),
      new AbortController().signal,
    );
    const reference = referenceModel(engine.config, engine.weight);
    found.forEach(({ tokens, activations, peak }, i) => {
      const ids = model.tokenizer.encode(texts[i]!, true).ids;
      const { value } = referenceRun(reference, [ids]).get(sae.config.hook);
      const f = encode(Float32Array.from(value), sae.weights, sae.config);
      expect(tokens).toHaveLength(texts[i]!.length);
      activations.forEach((value, t) =>
        expect(value).toBeCloseTo(f[(t + 1) * sae.config.dSae + feature]!, 3),
      );
      expect(activations[peak]).toBe(Math.max(...activations));
    });
    expect(found.some(({ activations, peak }) => activations[peak]! > 0)).toBe(true);
  });
});
