/** Head scores on random repeats, on the engine, against the definitions written out on the float64 reference's patterns. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RepeatOptions } from "../../src/core/head-scores.ts";
import { repeatedTokens, repeatScores } from "../../src/lab/repeat-scores.ts";
import { longestRepeat } from "../../src/core/view-limit.ts";
import { ordinaryIds } from "../../src/text/ordinary-ids.ts";
import { EMBEDDED, embeddedEngine, type NodeEngine } from "../model/node-engine.ts";
import { referenceRun } from "../reference/forward.ts";
import { madeUpModel, ODD } from "../reference/models.ts";
import { referenceAsModel } from "./reference-model.ts";
import { engineAsModel } from "./engine-model.ts";

const { signal } = new AbortController();
const OPTIONS: RepeatOptions = {
  ...{ length: null, rows: 2, seed: 0, prependBos: false },
  ...{ excludeFirst: false, excludeCurrent: false },
};
const vocabOf = (size: number) =>
  JSON.stringify({
    added_tokens: [{ id: size - 1 }],
    model: { vocab: Object.fromEntries(Array.from({ length: size }, (_, i) => [`t${i}`, i])) },
  });

/** A pattern's cell: layer, head, query, key. */
type At = (l: number, h: number, q: number, k: number) => number;

/** The demo's scores, by their definition, of one sequence. */
function demoScores(at: At, T: number, n: number, l: number, h: number) {
  const diagonal = (offset: number) => {
    const queries = Array.from({ length: T - offset }, (_, i) => i + offset);
    return queries.reduce((sum, q) => sum + at(l, h, q, q - offset), 0) / queries.length;
  };
  return { previous: diagonal(1), duplicate: diagonal(n), induction: diagonal(n - 1) };
}

describe("on a model of odd sizes", () => {
  const reference = madeUpModel(ODD, 5);
  const model = {
    ...referenceAsModel(reference),
    tokenizerFiles: { json: vocabOf(211), config: "{}" },
  };

  it.each([
    ["without BOS", false, 5],
    ["with BOS", true, 4],
  ])("are the demo's means, %s", async (_, prependBos, n) => {
    const options = { ...OPTIONS, length: n, seed: 9, prependBos };
    const { scores, ...sizes } = await repeatScores(model, options, signal, () => {});
    expect(sizes).toEqual({ layers: 3, heads: 5, length: n });
    const from = ordinaryIds({ json: vocabOf(211) });
    const sequences = [0, 1].map((row) => [
      ...(prependBos ? [210] : []),
      ...repeatedTokens(from, n, 9, row),
    ]);
    const expected = sequences.map((ids) => {
      const run = referenceRun(reference, [ids]);
      const T = ids.length;
      const at: At = (l, h, q, k) =>
        run.get(`blocks.${l}.attn.hook_pattern`).value[(h * T + q) * T + k]!;
      return (l: number, h: number) => demoScores(at, T, n, l, h);
    });
    for (const [l, h] of [
      [0, 0],
      [1, 3],
      [2, 4],
    ] as const) {
      const [a, b] = expected.map((of) => of(l, h));
      const i = l * 5 + h;
      expect(scores.previousDiagonal[i]).toBeCloseTo((a!.previous + b!.previous) / 2, 6);
      expect(scores.duplicateDiagonal[i]).toBeCloseTo((a!.duplicate + b!.duplicate) / 2, 6);
      expect(scores.inductionDiagonal[i]).toBeCloseTo((a!.induction + b!.induction) / 2, 6);
    }
  });

  it("takes what the context holds, and refuses more", async () => {
    expect(longestRepeat(ODD, false)).toBe(5);
    expect(longestRepeat(ODD, true)).toBe(5);
    expect((await repeatScores(model, OPTIONS, signal, () => {})).length).toBe(5);
    const long = repeatScores(model, { ...OPTIONS, length: 6 }, signal, () => {});
    await expect(long).rejects.toThrow(/from 2 to 5, not 6/);
    const none = repeatScores(model, { ...OPTIONS, rows: 0 }, signal, () => {});
    await expect(none).rejects.toThrow(/at least 1, not 0/);
  });

  it("stops when it is told to", async () => {
    const abort = new AbortController();
    const rows: number[] = [];
    const run = repeatScores(model, { ...OPTIONS, rows: 9 }, abort.signal, ({ done }) => {
      rows.push(done);
      if (done === 2) abort.abort();
    });
    await expect(run).rejects.toThrow(/abort/i);
    expect(rows).toEqual([0, 1, 2]);
  });
});

describe("on the embedded model", () => {
  let engine: NodeEngine;
  beforeAll(async () => {
    engine = await embeddedEngine();
  });
  afterAll(() => engine.release());

  it("finds its heads", async () => {
    const json = readFileSync(new URL("tokenizer.json", EMBEDDED), "utf8");
    const model = { ...engineAsModel(engine), tokenizerFiles: { json, config: "{}" } };
    const { scores, heads, length } = await repeatScores(model, OPTIONS, signal, () => {});
    expect(length).toBe(100);
    const over = (list: readonly (number | null)[], least: number) =>
      list.flatMap((score, i) =>
        (score ?? 0) > least ? [`L${Math.floor(i / heads)}H${i % heads}`] : [],
      );
    const last = ["L3H0", "L3H1", "L3H2", "L3H3", "L3H4", "L3H5"];
    expect(over(scores.inductionDiagonal, 0.5)).toEqual(last);
    expect(over(scores.induction, 0.3)).toEqual(last);
    expect(over(scores.previousDiagonal, 0.5)).toEqual(["L0H3"]);
    expect(over(scores.duplicateDiagonal, 0.1)).toEqual([]);
  });
});

describe("tokens", () => {
  it("are the same for a seed, differ by row, repeat, and are ordinary", () => {
    const from = ordinaryIds({ json: vocabOf(31) });
    expect(from).toEqual(Array.from({ length: 30 }, (_, i) => i));
    const ids = repeatedTokens(from, 7, 3, 0);
    expect(ids.slice(7)).toEqual(ids.slice(0, 7));
    expect(repeatedTokens(from, 7, 3, 0)).toEqual(ids);
    expect(repeatedTokens(from, 7, 3, 1)).not.toEqual(ids);
    const seen = new Set(repeatedTokens(from, 500, 1, 0));
    expect(seen.size).toBe(30);
    expect(seen.has(30)).toBe(false);
  });
});
