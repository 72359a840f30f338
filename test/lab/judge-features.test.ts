/** What a report says of single features, on a model that has one number a token and features that are planted. */
import { describe, expect, it } from "vitest";
import { judgeFeatures, type JudgeFeaturesInput } from "../../src/lab/judge-features.ts";
import { labelScores } from "../../src/lab/label-scores.ts";
import { isOfClass } from "../../src/lab/token-classes.ts";
import { NO_NOTE } from "../../src/core/feature-notes.ts";

/** Vocabulary: even ids are digits, odd ones words. */
const textOf = (id: number) => (id % 2 === 0 ? `${id}` : ` word`);
const T = 11;
const contexts = Array.from({ length: 50 }, (_, c) => [
  0,
  ...Array.from({ length: T - 1 }, (_, t) => 1 + ((c * 7 + t * 3) % 10)),
]);
/** x = (id, 1); f₀ = 1 on digits, f₁ = id on everything, f₂ on token 3 alone, f₃ never. */
const model = {
  run: ({ ids }: { ids: readonly (readonly number[])[] }) =>
    Promise.resolve({
      cache: new Map([
        [
          "h",
          {
            data: Float32Array.from(ids[0]!.flatMap((id) => [id, 1])),
            dims: [1, ids[0]!.length, 2],
          },
        ],
      ]),
    }),
} as unknown as JudgeFeaturesInput["model"];
const encode = (x_BD: Float32Array) =>
  Promise.resolve(
    Float32Array.from({ length: (x_BD.length / 2) * 4 }, (_, i) => {
      const id = x_BD[2 * Math.floor(i / 4)]!;
      return [id % 2 === 0 ? 1 : 0, id, id === 3 ? 2 : 0, 0][i % 4]!;
    }),
  );
const NO_LABELS = { labelled: 0, rule: null, detection: null, fuzzing: null };
const input: JudgeFeaturesInput = {
  ...{ model, hook: "h", dSae: 4, contexts, encode, textOf, corpus: null, labels: NO_LABELS },
  ...{ signal: new AbortController().signal, onProgress: () => {} },
};

describe("features of a report", () => {
  it("counts, entropies and probes are those that were planted", async () => {
    const done: number[] = [];
    const report = await judgeFeatures({ ...input, onProgress: (p) => done.push(p.done) });
    expect(done.at(-1)).toBe(50);
    const ids = contexts.flatMap((context) => context.slice(1)); // the first position is left out
    expect(report).toMatchObject({ aliveShare: 0.75, tokens: ids.length, overCorpus: false });
    expect(report.densities.silent).toBe(1);
    expect(report.densities.counts.reduce((a, b) => a + b)).toBe(3);
    // f₁ is strongest on token 10 alone and f₂ on 3: 0 bits. f₀ is 1 on any digit: some of them.
    expect(report.entropy.features).toBe(3);
    expect(report.entropy.median).toBe(0);
    expect(report.entropy.focusedShare).toBeCloseTo(2 / 3, 12);
    const digit = report.probes.find((probe) => probe.class === "digit")!;
    expect(digit).toMatchObject({ features: { k1: 1 }, best: 0 });
    expect(digit.members).toBe(ids.filter((id) => id % 2 === 0).length);
    // A digit's id says nothing of its being one to a line through the ids.
    expect(digit.numbers.k1!).toBeLessThan(0.8);
    const pronoun = report.probes.find((probe) => probe.class === "pronoun")!;
    expect(pronoun).toMatchObject({ members: 0, features: { k1: null, k5: null }, best: null });
  });
  it("takes densities over the corpus where there are such", async () => {
    const densities = Float64Array.of(0, 0.1, 0.001, 0);
    const report = await judgeFeatures({ ...input, corpus: { densities, tokens: 9999 } });
    expect(report).toMatchObject({ aliveShare: 0.5, tokens: 9999, overCorpus: true });
    expect(report.densities.silent).toBe(2);
  });
  it("stops when asked, and says when there is no text", async () => {
    const abort = new AbortController();
    const stopped = judgeFeatures({
      ...input,
      signal: abort.signal,
      onProgress: () => abort.abort(),
    });
    await expect(stopped).rejects.toThrow(/abort/i);
    await expect(judgeFeatures({ ...input, contexts: [] })).rejects.toThrow(/no context/);
  });
});

it.each([
  [" Paris", ["begins a word", "capitalised"]],
  ["1984", ["digit"]],
  [" They", ["begins a word", "capitalised", "pronoun"]],
  ['."', ["punctuation"]],
  [" walked", ["begins a word", "ends in -ed or -ing"]],
  ["red", []],
  ["é", []],
] as const)("the classes of %j", (text, wanted) => {
  const all = ["begins a word", "capitalised", "punctuation", "digit", "pronoun", "ends in -ed or -ing"] as const; // prettier-ignore
  expect(all.filter((name) => isOfClass(text, name))).toEqual(wanted);
});

it("labels are scored by the last of their scores that can be said", () => {
  const label = (scores: object[]) => ({ text: "x", source: { by: "user" }, scores, at: "" });
  const score = (kind: string, hits: number, misses: number) => ({
    ...{ kind, judge: "rule", at: "", unread: 0 },
    counts: { hits, misses, falseAlarms: 1, rejections: 3 },
  });
  const note = (scores: object[]) =>
    ({ ...NO_NOTE, label: label(scores) }) as unknown as typeof NO_NOTE;
  const features = new Map([
    [0, note([score("rule", 0, 9), score("rule", 1, 1)])], // (½ + ¾) / 2
    [1, note([score("rule", 2, 0), score("detection", 0, 0)])], // (1 + ¾) / 2; the other is 0/0
    [2, { ...NO_NOTE, starred: true }],
  ]);
  expect(labelScores({ features, lists: [] })).toEqual({
    ...{ labelled: 2, rule: (0.625 + 0.875) / 2, detection: null, fuzzing: null },
  });
});
