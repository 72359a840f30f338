/** The report card on a float64 model with odd sizes, against a literal computation: one context and one run at a time. */
import { describe, expect, it } from "vitest";
import { judge, type JudgeInput } from "../../src/lab/sae-judge.ts";
import { decode, encode } from "../../src/math/sae.ts";
import { referenceRun, type ReferenceEdit } from "../reference/forward.ts";
import { madeUpModel, ODD } from "../reference/models.ts";
import { randomSae } from "./edit-models.ts";
import { referenceAsModel } from "./reference-model.ts";

const HOOK = "blocks.1.hook_resid_post";
const [D, F, V] = [ODD.n_embd, 23, ODD.vocab_size];
const reference = madeUpModel(ODD, 4);
const sae = randomSae(HOOK, D, F);
const contexts = [
  [V - 1, 5, 17, 3, 88, 5],
  [V - 1, 41, 2, 2, 60, 9],
];
const rebuild: JudgeInput["rebuild"] = (x) => {
  const f = encode(x, sae.weights, sae.config);
  return Promise.resolve({ f, xHat: decode(f, sae.weights, sae.config) });
};
const run = (patch: Partial<JudgeInput> = {}) =>
  judge({
    ...{ model: referenceAsModel(reference), hook: HOOK, hookOut: HOOK, contexts, rebuild },
    ...{ signal: new AbortController().signal, onProgress: () => {} },
    ...patch,
  });

/** Everything but the first position of the hook becomes `rows`. */
const replaceBy = (rows: ArrayLike<number>, hook = HOOK): ReferenceEdit => ({
  apply: (name, value) => (name === hook ? value.map((x, i) => (i < D ? x : rows[i - D]!)) : value),
});
const logProbabilities = (edits: ReferenceEdit[], ids: number[]) => {
  const { value } = referenceRun(reference, [ids], edits).get("logits");
  return ids.map((_, t) => {
    const z = [...value.subarray(t * V, (t + 1) * V)];
    const log = Math.log(z.reduce((sum, v) => sum + Math.exp(v), 0));
    return z.map((v) => v - log);
  });
};

describe("the report card", () => {
  it("is what single runs give, with unequal figures for the three replacements", async () => {
    const streams = contexts.map((ids) => referenceRun(reference, [ids]).get(HOOK).value.slice(D));
    const rows = streams.flatMap((x) => [...x]);
    const mean = Array.from(
      { length: D },
      (_, d) => rows.reduce((sum, v, i) => sum + (i % D === d ? v : 0), 0) / (rows.length / D),
    );
    const sums = { clean: 0, sae: [0, 0], zero: [0, 0], mean: [0, 0], n: 0 };
    for (const [c, ids] of contexts.entries()) {
      const x = Float32Array.from(streams[c]!);
      const { xHat } = await rebuild(x);
      const clean = logProbabilities([], ids);
      const replaced = {
        sae: logProbabilities([replaceBy(xHat)], ids),
        zero: logProbabilities([replaceBy(new Float64Array(x.length))], ids),
        mean: logProbabilities([replaceBy(x.map((_, i) => mean[i % D]!))], ids),
      };
      for (let t = 1; t + 1 < ids.length; t++) {
        sums.clean -= clean[t]![ids[t + 1]!]!;
        sums.n++;
        for (const kind of ["sae", "zero", "mean"] as const) {
          sums[kind][0]! -= replaced[kind][t]![ids[t + 1]!]!;
          sums[kind][1]! += clean[t]!.reduce(
            (sum, q, v) => sum + Math.exp(q) * (q - replaced[kind][t]![v]!),
            0,
          );
        }
      }
    }
    const { loss, reconstruction } = await run();
    expect(loss.predictions).toBe(sums.n);
    expect(reconstruction.tokens).toBe(10);
    expect(loss.cleanCe).toBeCloseTo(sums.clean / sums.n, 4);
    for (const kind of ["sae", "zero", "mean"] as const) {
      expect(loss[kind].ce).toBeCloseTo(sums[kind][0]! / sums.n, 4);
      expect(loss[kind].kl).toBeCloseTo(sums[kind][1]! / sums.n, 4);
    }
    expect(new Set([loss.sae.kl, loss.zero.kl, loss.mean.kl].map((v) => v.toFixed(3))).size).toBe(
      3,
    );
  });

  it("of a transcoder is of the MLP's output, put there by what the MLP reads", async () => {
    const [read, written] = ["blocks.1.ln2.hook_normalized", "blocks.1.hook_mlp_out"];
    const weights = { ...sae.weights, W_skip: randomSae(HOOK, D, D, 5).weights.W_enc };
    const coder = { ...sae.config, hook: read, out: { hook: written, width: D, skip: true } };
    const write = (x: Float32Array) => {
      const f = encode(x, weights, coder);
      return { f, xHat: decode(f, weights, coder, x) };
    };
    const sums = { ce: 0, kl: 0, n: 0, missed: 0, about: 0 };
    const pairs = contexts.map((ids) => {
      const at = referenceRun(reference, [ids]);
      const x = Float32Array.from(at.get(read).value.slice(D));
      return { ids, y: Float32Array.from(at.get(written).value.slice(D)), yHat: write(x).xHat };
    });
    for (const { ids, yHat } of pairs) {
      const [clean, spliced] = [[], [replaceBy(yHat, written)]].map((edits) =>
        logProbabilities(edits, ids),
      );
      for (let t = 1; t + 1 < ids.length; t++, sums.n++) {
        sums.ce -= spliced![t]![ids[t + 1]!]!;
        sums.kl += clean![t]!.reduce((sum, q, v) => sum + Math.exp(q) * (q - spliced![t]![v]!), 0);
      }
    }
    for (let d = 0; d < D; d++) {
      const column = (of: "y" | "yHat") =>
        pairs.flatMap((pair) => [...pair[of]].filter((_, i) => i % D === d));
      const [y, yHat] = [column("y"), column("yHat")];
      const mean = y.reduce((a, b) => a + b, 0) / y.length;
      y.forEach((v, i) => {
        sums.missed += (v - yHat[i]!) ** 2;
        sums.about += (v - mean) ** 2;
      });
    }
    const { loss, reconstruction } = await run({
      ...{ hook: read, hookOut: written, rebuild: (x) => Promise.resolve(write(x)) },
    });
    expect(loss.sae.ce).toBeCloseTo(sums.ce / sums.n, 4);
    expect(loss.sae.kl).toBeCloseTo(sums.kl / sums.n, 4);
    expect(loss.sae.kl).toBeGreaterThan(1e-3);
    expect(reconstruction.explainedVariance).toBeCloseTo(1 - sums.missed / sums.about, 4);
  });

  it("gives a perfect SAE the score 1 and one that writes nothing the ablation's 0", async () => {
    const f = new Float32Array(5 * F);
    const perfect = await run({ rebuild: (x) => Promise.resolve({ f, xHat: x.slice() }) });
    expect(perfect.reconstruction.explainedVariance).toBe(1);
    expect(perfect.loss.klScore.zero).toBeCloseTo(1, 6);
    expect(perfect.loss.sae.ce).toBeCloseTo(perfect.loss.cleanCe, 6);
    const nothing = { f, xHat: new Float32Array(5 * D) };
    await expect(run({ rebuild: () => Promise.resolve(nothing) })).rejects.toThrow(
      /no reconstruction/,
    );
  });

  it("tells how far it is, and stops", async () => {
    const seen: number[] = [];
    await run({ onProgress: ({ done }) => seen.push(done) });
    expect(seen).toEqual([1, 2, 3, 4]);
    const abort = new AbortController();
    const stopped = run({ signal: abort.signal, onProgress: () => abort.abort() });
    await expect(stopped).rejects.toThrow(/abort/i);
    await expect(run({ contexts: [] })).rejects.toThrow(/held-out/);
  });
});
