/** Probes fitted on small models: planted labels, chance, parts that share no text. */
import { afterAll, describe, expect, it } from "vitest";
import {
  placeHook,
  type ProbePlace,
  type ProbeProgress,
  type ProbeQuestion,
  selectivity,
} from "../../src/core/probe.ts";
import type { SteerMode, SteerRow } from "../../src/core/steer.ts";
import { exportProbeSet } from "../../src/lab/probe-export.ts";
import { writtenDirection } from "../../src/lab/probe-handlers.ts";
import { harvestCases } from "../../src/lab/probe-harvest.ts";
import { planOf } from "../../src/lab/probe-judge.ts";
import { runProbes } from "../../src/lab/probe-run.ts";
import type { ProbeSet } from "../../src/lab/probe-set.ts";
import { steeredTextEdits } from "../../src/lab/steer-score.ts";
import { keyedRandom } from "../../src/math/keyed-random.ts";
import { sourcesOf } from "./edit-models.ts";
import { signal, engine, model, texts, request } from "./probe-bench.ts";

afterAll(() => engine.release());

/** A set whose labels are what a planted direction says of the activations there. */
async function plantedSet(place: ProbePlace, by: "classes" | "numbers") {
  const cases = texts.flatMap((ids, text) => ids.slice(1).map((_, t) => ({ text, at: t + 1 })));
  const bare = { texts, cases };
  const [harvested] = await harvestCases(model, bare, [place], "last", {
    ...{ signal, progress: () => {} },
  });
  const { x, width } = harvested!;
  const draw = keyedRandom(21);
  const planted = Array.from({ length: width }, () => draw() - 0.5);
  const along = cases.map((_, n) => planted.reduce((s, v, d) => s + v * x[n * width + d]!, 0));
  const middle = [...along].sort((a, b) => a - b)[along.length >> 1]!;
  const labels: ProbeSet["labels"] =
    by === "numbers"
      ? { kind: "numbers", y: Float64Array.from(along) }
      : {
          kind: "classes",
          names: ["below", "above"],
          y: Int32Array.from(along, (v) => Number(v > middle)),
        };
  const view = { unit: "token", labels: [], texts: 0, notes: [], examples: [] };
  const set = { ...bare, unit: "token", labels, view } as unknown as ProbeSet;
  return { set, planted };
}
const question = (patch: Partial<ProbeQuestion>): ProbeQuestion => ({
  ...{ request: request({}), places: [], read: "last", loss: "logistic", folds: 1, shuffles: 4 },
  ...patch,
});
async function results(set: ProbeSet, asked: ProbeQuestion) {
  const told: ProbeProgress[] = [];
  await runProbes(model, asked, { signal, set, progress: (p) => told.push(p) });
  expect(told.at(-1)).toMatchObject({ stage: "fitting", done: asked.places.length });
  return told.flatMap(({ result }) => result ?? []);
}
const PLACE: ProbePlace = { site: "hook_resid_post", layer: 1, head: null };

describe("a sweep", () => {
  it("finds a planted direction where it was planted, and chance on shuffled labels", async () => {
    const { set, planted } = await plantedSet(PLACE, "classes");
    const places: ProbePlace[] = [{ ...PLACE, layer: 0 }, PLACE];
    const [before, there] = await results(set, question({ places }));
    if (there!.scores.kind !== "classes") throw new Error("labels are classes");
    expect(there!.scores.accuracy).toBeGreaterThan(0.93);
    expect(there!.scores.accuracy).toBeGreaterThanOrEqual(
      before!.scores.kind === "classes" ? before!.scores.accuracy : 1,
    );
    expect(there!.scores.auc!).toBeGreaterThan(0.98);
    const [direction] = there!.directions;
    const length = Math.hypot(...planted);
    const cosine = planted.reduce((s, v, d) => s + (v / length) * direction!.unit[d]!, 0);
    expect(cosine).toBeGreaterThan(0.95);
    expect(direction).toMatchObject({ to: "above" });
    expect(selectivity(there!)!).toBeGreaterThan(0.15);
    expect(there!.held + there!.fitted).toBe(set.cases.length);
    expect(there!.scores.confusion.reduce((a, b) => a + b)).toBe(there!.held);
    expect(there!.wrong.every(({ label, told }) => label !== told)).toBe(true);
  });
  it("gives a direction to steer with: what each mode does to the probe's own reading, in numbers", async () => {
    const { set } = await plantedSet(PLACE, "classes");
    const [found] = await results(set, question({ places: [PLACE] }));
    const { unit, deviation, slope } = found!.directions[0]!;
    const written = (await writtenDirection(model, PLACE, unit))!;
    expect(written.hook).toBe(placeHook(PLACE));
    const vector = Array.from(written.vector, (v) => v * deviation); // as the button hands it on
    const source = { kind: "vector", hook: written.hook, name: "probe", vector } as const;
    const text = texts[0]!;
    const prompt = text.slice(0, 2);
    const reading = async (row: Pick<SteerRow, "mode" | "amount" | "at"> | null) => {
      const rows = row ? [{ source, unit: "raw" as const, on: true, ...row }] : [];
      const context = { sources: sourcesOf({}), signal };
      const edits = await steeredTextEdits(model, text, prompt.length, { rows }, context);
      const { cache } = await model.run({ ids: [text], names: [written.hook], edits, logits: "none" }); // prettier-ignore
      const { data } = cache.get(written.hook)!;
      return text.map((_, t) => unit.reduce((s, v, d) => s + v * data[t * 12 + d]!, 0));
    };
    const plain = await reading(null);
    const cap = [...plain].sort((a, b) => a - b)[plain.length >> 1]!;
    const expected: [SteerMode, number, (r: number) => number][] = [
      ["add", 2.5, (r) => r + 2.5],
      ["multiply", -3, (r) => -3 * r],
      ["ablate", 0, () => 0],
      ["replace", 1.5, () => 1.5],
      ["most", cap, (r) => Math.min(r, cap)],
      ["least", cap, (r) => Math.max(r, cap)],
    ];
    for (const [mode, amount, of] of expected) {
      for (const at of ["all", "generated", [-1, 3]] as const) {
        const holds = (t: number) => (typeof at === "string" ? at === "all" || t >= 2 : t === 1 || t === 3); // prettier-ignore
        const now = await reading({ mode, amount, at: typeof at === "string" ? at : [...at] });
        now.forEach((r, t) => expect(r).toBeCloseTo(holds(t) ? of(plain[t]!) : plain[t]!, 4));
      }
    }
    // One deviation further, the probe's score is slope · deviation higher: both are told of the same fit.
    const step = await reading({ mode: "add", amount: deviation, at: "all" });
    step.forEach((r, t) => expect(slope * (r - plain[t]!)).toBeCloseTo(slope * deviation, 2));
  });
  it("tells numbers that lie along a direction, with R² 1", async () => {
    const { set } = await plantedSet(PLACE, "numbers");
    const [found] = await results(set, question({ places: [PLACE], loss: "linear", folds: 5 }));
    expect(found!.scores).toMatchObject({ kind: "numbers" });
    expect(found!.scores.kind === "numbers" && found!.scores.r2).toBeGreaterThan(0.9999);
    expect(found!.held).toBe(set.cases.length);
    expect(found!.lambdas).toHaveLength(5);
  });
  it("has chance on texts whose labels say nothing, within four binomial deviations", async () => {
    const draw = keyedRandom(3);
    const y = Int32Array.from(texts, () => Number(draw() < 0.5));
    const { set } = await plantedSet(PLACE, "classes");
    const whole: ProbeSet = {
      ...{ ...set, unit: "text", cases: texts.map((_, text) => ({ text, at: null })) },
      labels: { kind: "classes", names: ["a", "b"], y },
    };
    const [found] = await results(whole, question({ places: [PLACE], folds: 5, shuffles: 6 }));
    const bound = 4 * Math.sqrt(0.25 / texts.length);
    if (found!.scores.kind !== "classes") throw new Error("labels are classes");
    expect(Math.abs(found!.scores.accuracy - 0.5)).toBeLessThan(bound);
    for (const share of found!.scores.shuffled) expect(Math.abs(share - 0.5)).toBeLessThan(bound);
  });
  it("shares no text between its parts", async () => {
    const { set } = await plantedSet(PLACE, "classes");
    const { parts } = planOf(set, question({ folds: 5 }));
    const held = parts.flatMap((part) => [...part.held]);
    expect(held.toSorted((a, b) => a - b)).toEqual([...set.cases.keys()]);
    for (const part of parts) {
      const textsOf = (cases: Int32Array) => new Set([...cases].map((n) => set.cases[n]!.text));
      const [fit, choose, out] = [part.fit, part.choose, part.held].map(textsOf);
      // Three parts that make up all texts share none exactly if their sizes add up.
      expect(new Set([...fit!, ...choose!, ...out!]).size).toBe(texts.length);
      expect(fit!.size + choose!.size + out!.size).toBe(texts.length);
      expect(textsOf(part.all)).toEqual(new Set([...fit!, ...choose!]));
    }
  });
  it("exports the same parts", async () => {
    const { set } = await plantedSet(PLACE, "classes");
    const lines = exportProbeSet(set, 1)
      .split("\n")
      .map(
        (line) =>
          JSON.parse(line) as { ids: number[]; at: number[]; labels: string[]; fold: number },
      );
    const { parts } = planOf(set, question({}));
    const held = lines.filter(({ fold }) => fold === 0).reduce((n, { at }) => n + at.length, 0);
    expect(held).toBe(parts[0]!.held.length);
    expect(lines[3]!.ids).toEqual(texts[3]);
    expect(lines[0]!.labels.every((label) => ["above", "below"].includes(label))).toBe(true);
  });
  it("stops when it is told to", async () => {
    const { set } = await plantedSet(PLACE, "classes");
    const abort = new AbortController();
    const running = runProbes(model, question({ places: [PLACE, { ...PLACE, layer: 0 }] }), {
      ...{ signal: abort.signal, set },
      progress: ({ result }) => result && abort.abort(),
    });
    await expect(running).rejects.toThrow(/abort/i);
  });
  it("refuses logistic probes of numbers, and places that are not there", async () => {
    const { set } = await plantedSet(PLACE, "numbers");
    const ask = (patch: Partial<ProbeQuestion>) =>
      runProbes(model, question(patch), { signal, set, progress: () => {} });
    await expect(ask({ places: [PLACE] })).rejects.toThrow(/choose the linear probe/);
    await expect(ask({ places: [] })).rejects.toThrow(/choose a place/);
    await expect(ask({ places: [{ ...PLACE, head: 1 }] })).rejects.toThrow(/head 1/);
    await expect(ask({ places: [{ ...PLACE, layer: 7 }] })).rejects.toThrow(/no hook point/);
  });
});
