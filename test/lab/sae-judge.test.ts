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
const replaceBy = (rows: ArrayLike<number>): ReferenceEdit => ({
  apply: (name, value) => (name === HOOK ? value.map((x, i) => (i < D ? x : rows[i - D]!)) : value),
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
