/** Token-pair tracing: sums are the engine's own numbers, each part is what is missed without it, in a float64 model. */
import { describe, expect, it } from "vitest";
import type { PairQuestion } from "../../src/core/pair-trace.ts";
import { tracePair } from "../../src/lab/pair-trace.ts";
import { nodeEngine } from "../model/node-engine.ts";
import { tinyCheckpoint } from "../model/tiny-checkpoint.ts";
import { referenceRun } from "../reference/forward.ts";
import { referenceModel } from "../reference/weights.ts";
import { engineAsModel } from "./engine-model.ts";

const { signal } = new AbortController();
const H = 3;
const h = 5;
const D = H * h;
const V = 61;
const LAYER = 2;

async function traced(patch: Partial<PairQuestion> = {}) {
  const { config, weights } = tinyCheckpoint(
    {
      ...{ n_layer: 3, n_head: H, n_embd: D, n_inner: 13, n_positions: 9, vocab_size: V },
      ...{ bos_token_id: 60, activation_function: "gelu_new", tie_word_embeddings: false },
      scale_attn_by_inverse_layer_idx: true,
    },
    { seed: 4 },
  );
  const engine = await nodeEngine(config, weights);
  const ids = [4, 9, 1, 9, 30, 2];
  const question: PairQuestion = {
    ...{ ids, layer: LAYER, head: 1, query: 4, key: 2 },
    along: { answers: [7, 8], wrong: [11] },
    ...patch,
  };
  try {
    const trace = await tracePair(engineAsModel(engine), question, signal);
    const reference = referenceModel(engine.config, engine.weight, false);
    return { trace, reference, run: referenceRun(reference, [ids]), question };
  } finally {
    await engine.release();
  }
}
const total = (values: Iterable<number>) => [...values].reduce((a, b) => a + b, 0);

describe("a pair of tokens", () => {
  it("each part of query, key and value is what the head would miss without it", async () => {
    const { trace, reference, run, question } = await traced();
    const { query, key, head } = question;
    const { ln1, qkv, out } = reference.blocks[LAYER]!;
    const value = (name: string) => run.get(name).value;
    const row = (x: Float64Array, at: number, width = D) => x.slice(at * width, (at + 1) * width);
    const at = (site: string) => `blocks.${LAYER}.${site}`;
    /** One third of the attention's input for the head, of a stream with the run's own scale. */
    const through = (stream: Float64Array, pos: number, third: number) => {
      const s = value(at("ln1.hook_scale"))[pos]!;
      const mean = total(stream) / D;
      const y = stream.map((x, d) => ((x - mean) / s) * ln1.w[d]! + ln1.b[d]!);
      return Array.from({ length: h }, (_, i) => {
        const column = third * D + head * h + i;
        return qkv.b[column]! + total(y.map((v, d) => v * qkv.W[d * 3 * D + column]!));
      });
    };
    const missing = (name: string, pos: number): Float64Array => {
      const [, l, n] = /^(\d+)\.(\d+)$/.exec(name) ?? [];
      const [, mlp] = /^MLP (\d+)$/.exec(name) ?? [];
      if (n !== undefined) {
        const results = value(`blocks.${l}.attn.hook_result`);
        return results.slice((pos * H + Number(n)) * D, (pos * H + Number(n) + 1) * D);
      }
      return row(value(mlp === undefined ? `hook_${name}` : `blocks.${mlp}.hook_mlp_out`), pos);
    };
    const stream = (pos: number) => row(value(at("hook_resid_pre")), pos);
    const without = (name: string, pos: number) => {
      const part = missing(name, pos);
      return stream(pos).map((x, d) => x - part[d]!);
    };
    const dot = (a: readonly number[], b: readonly number[]) => total(a.map((x, i) => x * b[i]!));
    const divisor = Math.sqrt(h) * (LAYER + 1);
    const [q, k] = [through(stream(query), query, 0), through(stream(key), key, 1)];
    const score = dot(q, k) / divisor;
    const u = Array.from({ length: D }, (_, d) => {
      const logit = (token: number) => reference.unembed.W[d * V + token]!;
      return reference.lnFinal.w[d]! * ((logit(7) + logit(8)) / 2 - logit(11));
    });
    const mean = total(u) / D;
    const weight = value(at("attn.hook_pattern"))[(head * 6 + query) * 6 + key]!;
    const written = (v: readonly number[]) =>
      (weight *
        total(
          Array.from({ length: D }, (_, d) => {
            const result = total(v.map((x, i) => x * out.W[(head * h + i) * D + d]!));
            return result * (u[d]! - mean);
          }),
        )) /
      value("ln_final.hook_scale")[query]!;
    const whole = written(through(stream(key), key, 2));
    const N = trace.parts.length;
    expect(N).toBe(2 + LAYER * (H + 1) + 1);
    for (const [n, { name }] of trace.parts.slice(0, -1).entries()) {
      const rowSum = total(trace.scores.slice(n * N, (n + 1) * N));
      const columnSum = total(trace.parts.map((_, m) => trace.scores[m * N + n]!));
      const asQuery = score - dot(through(without(name, query), query, 0), k) / divisor;
      const asKey = score - dot(q, through(without(name, key), key, 1)) / divisor;
      expect(rowSum, `${name} at the query`).toBeCloseTo(asQuery, 4);
      expect(columnSum, `${name} at the key`).toBeCloseTo(asKey, 4);
      const asValue = whole - written(through(without(name, key), key, 2));
      expect(trace.values[n]!, `${name} as value`).toBeCloseTo(asValue, 4);
    }
    expect(Math.abs(score)).toBeGreaterThan(1e-3);
    expect(trace.score).toBeCloseTo(score, 4);
    expect(total(trace.scores)).toBeCloseTo(score, 4); // so the row of biases is the rest
    expect(trace.weight).toBeCloseTo(weight, 5);
    expect(trace.written).toBeCloseTo(whole, 4);
    expect(total(trace.values)).toBeCloseTo(whole, 4);
    expect(trace.keys).toHaveLength(query + 1);
    expect(total(trace.keys.map((one) => one.weight))).toBeCloseTo(1, 5);
  });

  it("takes the likeliest token where none is named, in the first layer too", async () => {
    const { trace, run } = await traced({ layer: 0, along: null, query: 3, key: 3 });
    expect(trace.parts.map(({ name }) => name)).toEqual(["embed", "pos_embed", "bias"]);
    const z = [...run.get("logits").value.subarray(3 * V, 4 * V)];
    expect(trace.plus).toEqual([String(z.indexOf(Math.max(...z)))]);
    expect(trace.minus).toEqual([]);
    expect(total(trace.scores)).toBeCloseTo(trace.score, 4);
    expect(total(trace.values)).toBeCloseTo(trace.written, 4);
  });

  it("what cannot be traced is refused by name", async () => {
    await expect(traced({ layer: 3 })).rejects.toThrow(/no head 3\.1/);
    await expect(traced({ query: 6 })).rejects.toThrow(/position 6 of 6/);
    await expect(traced({ query: 1, key: 2 })).rejects.toThrow(/does not see position 2/);
    await expect(traced({ along: { answers: [], wrong: [] } })).rejects.toThrow(/no answer/);
    await expect(traced({ along: { token: "x" } })).rejects.toMatchObject({ code: "bad-input" });
  });
});
