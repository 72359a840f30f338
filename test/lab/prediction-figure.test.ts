/** What the model expected: hand values, float64 on the embedded model, temperature, tracked tokens, runs that are not repeated. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bench } from "../../src/lab/bench.ts";
import { predictionHandlers } from "../../src/lab/prediction-figure.ts";
import { actualNext, trackedIds } from "../../src/lab/token-chances.ts";
import { singleToken } from "../../src/text/single-token.ts";
import type { LoadedModel } from "../../src/model/loaded-model.ts";
import { embeddedEngine, type NodeEngine } from "../model/node-engine.ts";
import { referenceRun } from "../reference/forward.ts";
import { entropyBits, rank } from "../reference/lens.ts";
import { logSoftmax } from "../reference/metrics.ts";
import { embeddedModel } from "../reference/models.ts";
import { engineAsModel } from "./engine-model.ts";

describe("the next token of the text", () => {
  it("by hand, with a tie: probabilities 1/2 1/4 1/4, then 1/8 3/4 1/8", () => {
    const of = (...p: number[]) => p.map((v) => Math.log(v) + 2);
    const logits = Float32Array.from([
      ...of(1 / 2, 1 / 4, 1 / 4),
      ...of(1 / 8, 3 / 4, 1 / 8),
      9,
      9,
      9,
    ]);
    const { loss, rank, probability, logit } = actualNext(logits, [0, 2, 1]);
    expect([...loss].map((nats) => nats / Math.LN2)[0]).toBeCloseTo(2, 6);
    expect(loss[1]).toBeCloseTo(-Math.log(3 / 4), 6);
    expect([...rank]).toEqual([2, 1]);
    expect([...probability].map((p) => Math.round(p * 1e5) / 1e5)).toEqual([0.25, 0.75]);
    expect(logit[0]).toBeCloseTo(Math.log(1 / 4) + 2, 6);
  });
  it("a temperature changes its probability and not its loss", () => {
    const logits = Float32Array.of(0, Math.log(9), 0, 0);
    const { loss, probability } = actualNext(logits, [0, 1], 2);
    expect(loss[0]).toBeCloseTo(-Math.log(0.9), 6);
    expect(probability[0]).toBeCloseTo(3 / 4, 6);
  });
  it("there is none after a single token", () => {
    expect(actualNext(Float32Array.of(1, 2), [0]).loss).toHaveLength(0);
  });
});

describe("a token to follow", () => {
  const words: Record<string, number[]> = { " Mary": [5], Mary: [7, 8], Mar: [7, 9], "": [] };
  const tokenizer = {
    encode: (text: string) => ({ ids: words[text] ?? [1, 2, 3], warnings: [] }),
    strings: (ids: readonly number[]) => ids.map((id) => `t${id}`),
  };
  const reader = { tokenizer, info: { config: { vocab_size: 9 } } };
  it("is one token, or what it falls into is said, and whether a space helps", () => {
    expect(singleToken(tokenizer, " Mary")).toBe(5);
    const with_ =
      /"Mary" is 2 tokens \("t7", "t8"\), not one; " Mary", with a space before it, is one/;
    expect(() => singleToken(tokenizer, "Mary")).toThrow(with_);
    expect(() => singleToken(tokenizer, "Mar")).toThrow(
      /"Mar" is 2 tokens \("t7", "t9"\), not one$/,
    );
    expect(() => singleToken(tokenizer, "")).toThrow(/"" is 0 tokens, not one$/);
  });
  it("may be an id, and is followed once", () => {
    expect(trackedIds(reader, [" Mary", 3, 5])).toEqual([5, 3]);
    expect(() => trackedIds(reader, [9])).toThrow(/9 is no token id; this model has 0 … 8/);
  });
});

describe("on the embedded model", () => {
  let engine: NodeEngine;
  let runs = 0;
  beforeAll(async () => {
    engine = await embeddedEngine();
    const whole = engineAsModel(engine);
    const model: LoadedModel = {
      ...whole,
      run: async (request) => {
        runs++;
        const result = await whole.run(request);
        request.signal?.throwIfAborted();
        return result;
      },
    };
    await bench.set(model);
  });
  afterAll(() => engine.release());

  const ids = [4095, 11, 500, 77, 1200, 9, 340];
  const T = ids.length;
  const context = { signal: new AbortController().signal, progress: () => {} };
  const input = { prompt: { ids }, edits: [], basis: "raw" as const };
  const prediction = async (options: object = {}) =>
    (await predictionHandlers["figure.prediction"]({ ...input, ...options }, context)).value;
  const tracked = async (options: { track: number[]; temperature?: number; basis?: "tl" }) =>
    (await predictionHandlers["figure.tracked"]({ ...input, ...options }, context)).value;

  const reference = () => {
    const V = embeddedModel().config.vocab_size;
    const { value } = referenceRun(embeddedModel(), [ids]).get("logits");
    return Array.from({ length: T }, (_, t) => value.subarray(t * V, (t + 1) * V));
  };

  it("losses, ranks, entropies, likeliest tokens and chances are float64's, at two temperatures", async () => {
    const rows = reference();
    for (const temperature of [1, 0.5]) {
      const facts = await prediction({ temperature, k: 13 });
      const chances = await tracked({ track: [340, 6], temperature });
      let sum = 0;
      rows.forEach((z, t) => {
        const hot = z.map((v) => v / temperature);
        const log = logSoftmax(hot);
        expect(facts.entropy[t]).toBeCloseTo(entropyBits(hot), 3);
        expect(facts.top[t]!.ids).toHaveLength(13);
        expect(facts.top[t]!.ids[0]).toBe(z.indexOf(Math.max(...z)));
        facts.top[t]!.ids.forEach((id, i) => {
          expect(facts.top[t]!.probabilities[i]).toBeCloseTo(Math.exp(log[id]!), 4);
        });
        for (const { id, probability, rank: found } of chances.tracked) {
          expect(probability[t]).toBeCloseTo(Math.exp(log[id]!), 4);
          expect(Math.abs(found[t]! - rank(z, id))).toBeLessThan(3);
        }
        const next = ids[t + 1];
        if (next === undefined) return;
        const loss = -logSoftmax(z)[next]!;
        sum += loss;
        expect(facts.actual.loss[t]).toBeCloseTo(loss, 3);
        expect(Math.abs(facts.actual.rank[t]! - rank(z, next))).toBeLessThan(3);
        expect(facts.actual.probability[t]).toBeCloseTo(Math.exp(log[next]!), 4);
      });
      expect(facts.meanLoss).toBeCloseTo(sum / (T - 1), 3);
      expect(facts.perplexity! / Math.exp(sum / (T - 1))).toBeCloseTo(1, 3);
    }
  });

  it("probabilities are of the whole vocabulary: all of them sum to 1, the likeliest do not", async () => {
    const V = engine.config.vocab_size;
    const sum = (p: number[]) => p.reduce((a, b) => a + b, 0);
    const all = await prediction({ k: V + 5, temperature: 3 });
    expect(all.top[2]!.ids).toHaveLength(V);
    expect(sum(all.top[2]!.probabilities)).toBeCloseTo(1, 6);
    expect(sum((await prediction({ temperature: 3 })).top[2]!.probabilities)).toBeLessThan(0.9);
  });

  it("other temperatures, numbers and tokens need no new run; another basis does, and changes logits alone", async () => {
    await prediction();
    const before = runs;
    await prediction({ temperature: 0.2, k: 50 });
    const raw = await tracked({ track: [12, 700] });
    expect(runs).toBe(before);
    const tl = await tracked({ track: [12, 700], basis: "tl" });
    expect(runs).toBe(before + 1);
    for (let t = 0; t < T; t++) {
      const [a, b] = [0, 1].map((i) => raw.tracked[i]!.logit[t]! - tl.tracked[i]!.logit[t]!);
      expect(Math.abs(a! - b!)).toBeLessThan(1e-3);
      expect(raw.tracked[0]!.probability[t]).toBeCloseTo(tl.tracked[0]!.probability[t]!, 6);
    }
  });

  it("two runs are kept, a third takes the older one's place", async () => {
    const of = (id: number) => prediction({ prompt: { ids: [4095, id] } });
    await of(1);
    await of(2);
    const before = runs;
    await of(1);
    await of(2);
    expect(runs).toBe(before);
    await of(3);
    await of(2);
    expect(runs).toBe(before + 1);
    await of(1);
    expect(runs).toBe(before + 2);
  });

  it("two figures that ask at the same time share a run; one that is given up takes none with it", async () => {
    const at = (id: number) => ({ ...input, prompt: { ids: [4095, 44, id] } });
    const ask = (id: number, signal = context.signal) => [
      predictionHandlers["figure.prediction"](at(id), { ...context, signal }),
      predictionHandlers["figure.tracked"]({ ...at(id), track: [3] }, context),
    ];
    const before = runs;
    await Promise.all(ask(1));
    expect(runs).toBe(before + 1);
    const abort = new AbortController();
    const [gone, stays] = ask(2, abort.signal);
    abort.abort();
    await expect(gone).rejects.toThrow(/abort/i);
    expect((await stays!).value.tokens.ids).toEqual([4095, 44, 2]);
    expect(runs).toBe(before + 3);
    const failing = { ...input, prompt: { ids: [4095, 99999] } };
    const both = [1, 2].map(() => predictionHandlers["figure.prediction"](failing, context));
    for (const each of both) await expect(each).rejects.toThrow(/99999 is no token id/);
  });

  it("says of a single token that nothing was expected", async () => {
    const facts = await prediction({ prompt: { ids: [4095] } });
    expect(facts).toMatchObject({ meanLoss: null, perplexity: null });
    expect(facts.top).toHaveLength(1);
  });

  it.each([0, -1, NaN, Infinity])("refuses the temperature %d", async (temperature) => {
    await expect(prediction({ temperature })).rejects.toThrow(/a number above 0/);
  });
});
