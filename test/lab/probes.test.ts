/** Probes on small models: what they read against a float64 model, planted labels, chance, parts that share no text. */
import { afterAll, describe, expect, it } from "vitest";
import { toEdit } from "../../src/core/bench-edit.ts";
import {
  HEAD_SITES,
  placeHook,
  PROBE_SITES,
  type ProbePlace,
  type ProbeProgress,
  type ProbeQuestion,
  type ProbeRequest,
  selectivity,
} from "../../src/core/probe.ts";
import type { SteerMode, SteerRow } from "../../src/core/steer.ts";
import { directionFiles, exportProbeSet } from "../../src/lab/probe-export.ts";
import { writtenDirection } from "../../src/lab/probe-handlers.ts";
import { harvestCases, passesOf } from "../../src/lab/probe-harvest.ts";
import { planOf } from "../../src/lab/probe-judge.ts";
import { labelsByRule } from "../../src/lab/probe-rules.ts";
import { runProbes } from "../../src/lab/probe-run.ts";
import { makeProbeSet, type ProbeSet } from "../../src/lab/probe-set.ts";
import { resolveEdits } from "../../src/lab/resolve-edits.ts";
import { steeredTextEdits } from "../../src/lab/steer-score.ts";
import { parseSafetensors, readFloats } from "../../src/formats/safetensors.ts";
import { keyedRandom } from "../../src/math/keyed-random.ts";
import type { LoadedModel } from "../../src/model/loaded-model.ts";
import type { Tokenizer } from "../../src/text/tokenizer.ts";
import { integer } from "../model/random-models.ts";
import { nodeEngine } from "../model/node-engine.ts";
import { tinyCheckpoint } from "../model/tiny-checkpoint.ts";
import { referenceRun } from "../reference/forward.ts";
import { referenceModel } from "../reference/weights.ts";
import { sourcesOf } from "./edit-models.ts";
import { engineAsModel } from "./engine-model.ts";

const { signal } = new AbortController();
const BOS = 30;
const made = tinyCheckpoint(
  {
    ...{ n_layer: 2, n_head: 3, n_embd: 12, n_inner: 20, n_positions: 24, vocab_size: 31 },
    ...{ bos_token_id: BOS, layer_norm_epsilon: 1e-5, activation_function: "gelu_new" },
    ...{ scale_attn_weights: true, scale_attn_by_inverse_layer_idx: false },
    tie_word_embeddings: true,
  },
  { seed: 4, dtype: "F32", prefix: "" },
);
/** A letter a token, a … z; anything else is 26. */
const letters: Tokenizer = {
  encode: (text, prependBos) => ({
    ids: [
      ...(prependBos ? [BOS] : []),
      ...Array.from(text, (c) => {
        const id = c.charCodeAt(0) - 97;
        return id >= 0 && id < 26 ? id : 26;
      }),
    ],
    warnings: [],
  }),
  strings: (ids) =>
    ids.map((id) => (id < 26 ? String.fromCharCode(97 + id) : id === BOS ? "<|endoftext|>" : " ")),
  decode: (ids) => letters.strings(ids).join(""),
};
const engine = await nodeEngine(made.config, made.weights);
const model: LoadedModel = engineAsModel(engine, {}, letters);
afterAll(() => engine.release());

const random = keyedRandom(9);
const texts = Array.from({ length: 60 }, () => [
  BOS,
  ...Array.from({ length: integer(random, 2, 12) }, () => integer(random, 0, 25)),
]);
const request = (patch: Partial<ProbeRequest>): ProbeRequest => ({
  ...{ source: { kind: "rule", rule: "odd position" }, texts: 40, most: 5000 },
  ...{ balanced: false, seed: 1, ...patch },
});
const table = (rows: readonly (readonly [string, string])[]): ProbeRequest =>
  request({
    source: { kind: "own", name: "t", text: rows.map((row) => row.join("\t")).join("\n") },
  });
const corpus = () =>
  Promise.resolve({
    ...{ shards: 3, contextSize: 8 },
    contexts: (shard: number) => {
      const draw = keyedRandom(5, shard);
      return Promise.resolve(
        Int32Array.from({ length: 20 * 8 }, (_, i) => (i % 8 === 0 ? BOS : integer(draw, 0, 26))),
      );
    },
  });

describe("rules", () => {
  const ids = [9, 1, 2, 1, 2, 3];
  const strings = ["<|endoftext|>", " The", ",", " The", ",", "ing"];
  it.each([
    ["capitalised", [null, 1, 0, 1, 0, 0]],
    ["next is capitalised", [null, 0, 1, 0, 0, null]],
    ["next is punctuation", [null, 1, 0, 1, 0, null]],
    ["seen before", [null, 0, 0, 1, 1, 0]],
    ["pair seen before", [null, null, 0, 0, 1, 0]],
    ["odd position", [null, 1, 0, 1, 0, 1]],
    ["position", [null, 1, 2, 3, 4, 5]],
    ["characters", [null, 4, 1, 4, 1, 3]],
    ["since punctuation", [null, 1, 2, 1, 2, 1]],
    ["praise or blame", [null, null, null, null, null, null]],
  ] as const)("%s", (rule, labels) => {
    expect(labelsByRule(rule, ids, strings)).toEqual(labels);
  });
  it("tell praise from blame, and nothing of other words or of BOS", () => {
    expect(
      labelsByRule("praise or blame", [9, 1, 2, 9, 3], ["", " Wonderful", " bad", "", " x"]),
    ).toEqual([null, 1, 0, null, null]);
  });
});

describe("a set of labelled cases", () => {
  it("counts equal texts once, keeps the first label, and says so", async () => {
    const rows = "abcde"
      .split("")
      .flatMap((c) => [[`${c}x`, "p"] as const, [`${c}yy`, "q"] as const]);
    const set = await makeProbeSet(model, table([...rows, ["ax", "p"], ["ayy", "p"]]), { signal });
    expect(set.texts).toHaveLength(10);
    expect(set.view.notes).toEqual([
      "1 texts were there before and are counted once.",
      "1 texts were there before with another label: their first one is kept.",
    ]);
    expect(set.view.labels).toEqual({
      kind: "classes",
      classes: [
        { name: "p", used: 5, all: 5, texts: 5 },
        { name: "q", used: 5, all: 5, texts: 5 },
      ],
    });
    expect(set.view.unit).toBe("text");
    expect(set.view.examples).toHaveLength(6);
  });
  it("labels the tokens of marks, and the others by the text's own label", async () => {
    const rows = "abcdef".split("").map((c) => [`${c}[[oo|eyes]]${c}`, "rest"] as const);
    const set = await makeProbeSet(model, table(rows), { signal });
    expect(set.unit).toBe("token");
    expect(set.labels).toMatchObject({ kind: "classes", names: ["eyes", "rest"] });
    const first = set.cases.filter(({ text }) => text === 0);
    expect(first.map(({ at }) => at)).toEqual([1, 2, 3, 4]);
    const { y } = set.labels;
    expect([...y.subarray(0, 4)]).toEqual([1, 0, 0, 1]);
  });
  it("draws texts of a long table by the seed, and says so; of one label it says what to add", async () => {
    const word = (i: number) =>
      Array.from({ length: 4 }, (_, d) => String.fromCharCode(97 + (Math.floor(i / 26 ** d) % 26)));
    const rows = Array.from(
      { length: 40_100 },
      (_, i) => [word(i).join(""), i % 2 ? "odd" : "even"] as const,
    );
    const ask = (seed: number) => makeProbeSet(model, { ...table(rows), seed }, { signal });
    const set = await ask(3);
    expect(set.view.notes).toEqual(["40,000 of the table’s 40,100 texts, drawn by the seed."]);
    expect(set.texts).toHaveLength(40_000);
    expect(set.view).toEqual((await ask(3)).view);
    expect(set.texts).not.toEqual((await ask(4)).texts);
    const one = rows.slice(0, 20).map(([text]) => [text, "even"] as const);
    await expect(makeProbeSet(model, table(one), { signal })).rejects.toThrow(
      /only label is "even".*add texts with another label/,
    );
  });
  it("takes more than ten different numbers as numbers", async () => {
    const rows = Array.from({ length: 12 }, (_, i) => ["a".repeat(i + 1), String(i / 2)] as const);
    const set = await makeProbeSet(model, table(rows), { signal });
    expect(set.view.labels).toEqual({
      ...{ kind: "numbers", used: 12, all: 12, least: 0, most: 5.5, mean: 2.75 },
    });
    const few = rows.map(([text], i) => [text, String(i % 2)] as const);
    expect((await makeProbeSet(model, table(few), { signal })).labels.kind).toBe("classes");
  });
  it("leaves rare labels out, where others are left, and says so", async () => {
    const rows = Array.from(
      { length: 13 },
      (_, i) => ["a".repeat(i + 1), i < 6 ? "x" : i < 11 ? "y" : "z"] as const,
    );
    const set = await makeProbeSet(model, table(rows), { signal });
    expect(set.labels).toMatchObject({ names: ["x", "y"] });
    expect(set.cases).toHaveLength(11);
    expect(set.view.notes).toEqual(["Left out, in fewer than 5 different texts: “z”."]);
  });
  it("cuts the larger classes to the smallest, and is the same each time", async () => {
    const ask = () =>
      makeProbeSet(
        model,
        request({ source: { kind: "rule", rule: "seen before" }, balanced: true }),
        { signal, corpus },
      );
    const set = await ask();
    const { y } = set.labels;
    const seen = [...y].filter((k) => k === 1).length;
    expect(seen * 2).toBe(y.length);
    expect(seen).toBeGreaterThan(10);
    expect((await ask()).cases).toEqual(set.cases);
  });
  it.each([
    [[["ab", "x"]], /the only label is "x"/],
    [Array.from({ length: 22 }, (_, i) => ["a".repeat(i + 1), `l${i}`]), /22 different labels/],
    [
      [...Array.from({ length: 6 }, (_, i) => ["a".repeat(i + 1), "x"]), ["b", "y"]],
      /"y" is in 1 different text; 5 are the least/,
    ],
  ] as [[string, string][], RegExp][])(
    "refuses labels that cannot be told (%#)",
    async (rows, why) => {
      await expect(makeProbeSet(model, table(rows), { signal })).rejects.toThrow(why);
    },
  );
});

describe("activations", () => {
  it("are the float64 model's, at tokens, at the last, as a mean; of all heads or one", async () => {
    const reference = referenceModel(engine.config, engine.weight);
    const places = PROBE_SITES.flatMap((site): ProbePlace[] => [
      { site, layer: 0, head: null },
      { site, layer: 1, head: null },
      ...(HEAD_SITES.includes(site) ? [{ site, layer: 1, head: 2 }] : []),
    ]);
    const set = {
      texts: texts.slice(0, 7),
      cases: [
        ...[
          { text: 6, at: 2 },
          { text: 0, at: 1 },
          { text: 3, at: null },
        ],
        ...[
          { text: 6, at: 1 },
          { text: 2, at: null },
        ],
      ],
    };
    for (const read of ["last", "mean"] as const) {
      const found = await harvestCases(model, set, places, read, { signal, progress: () => {} });
      for (const { place, width, x } of found) {
        set.cases.forEach(({ text, at }, n) => {
          const ids = set.texts[text]!;
          const { value, dims } = referenceRun(reference, [ids]).get(placeHook(place));
          const stride = dims.slice(2).reduce((a, b) => a * b, 1);
          const from = place.head === null ? 0 : place.head * width;
          const positions =
            at !== null
              ? [at]
              : read === "last"
                ? [ids.length - 1]
                : Array.from({ length: ids.length - 1 }, (_, t) => t + 1);
          for (let d = 0; d < width; d++) {
            const sum = positions.reduce((s, t) => s + value[t * stride + from + d]!, 0);
            expect(x[n * width + d]).toBeCloseTo(sum / positions.length, 4);
          }
        });
      }
    }
  });
  it("that do not fit are read in several passes", () => {
    const places = [0, 1].flatMap((layer) =>
      (["hook_resid_post", "mlp.hook_post"] as const).map((site) => ({ site, layer, head: null })),
    );
    const passes = passesOf(places, 10, engine.config, 4 * 10 * 32); // 12 and 20 numbers a case
    expect(passes.map((pass) => pass.length)).toEqual([2, 2]);
    expect(passes.flat()).toEqual(places);
    expect(passesOf(places, 10, engine.config, 1)).toHaveLength(4);
  });
});

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

describe("a direction", () => {
  it("of a head is written through its rows of W_O", async () => {
    const unit = Float32Array.of(0, 0.6, 0, -0.8);
    const place: ProbePlace = { site: "attn.hook_z", layer: 1, head: 1 };
    const { vector, hook, promoted } = (await writtenDirection(model, place, unit))!;
    expect(hook).toBe("blocks.1.hook_attn_out");
    const W = engine.weight("h.1.attn.c_proj.weight");
    for (let d = 0; d < 12; d++) {
      expect(vector[d]).toBeCloseTo(0.6 * W[5 * 12 + d]! - 0.8 * W[7 * 12 + d]!, 5);
    }
    expect(promoted).toHaveLength(10);
    const found = { to: "b", unit, slope: 2, mean: 1, deviation: 3 };
    const files = directionFiles("m", "a → b", place, found, {
      ...{ vector, hook, promoted, suppressed: [] },
    });
    expect(files.map(({ name }) => name)).toEqual(["probe-a-b.json", "probe-a-b.safetensors"]);
    const { tensors } = parseSafetensors(files[1]!.bytes);
    expect(readFloats(files[1]!.bytes, tensors.get("unit")!)).toEqual(unit);
    expect(JSON.parse(new TextDecoder().decode(files[0]!.bytes))).toMatchObject({
      ...{ hook: "blocks.1.attn.hook_z", head: 1, deviation: 3, towards: "b" },
    });
  });
  it("of a query writes nothing into the stream; its file has the unit vector alone", async () => {
    const unit = Float32Array.of(0, 0.6, 0, -0.8);
    const place: ProbePlace = { site: "attn.hook_q", layer: 1, head: 1 };
    expect(await writtenDirection(model, place, unit)).toBeNull();
    const found = { to: "b", unit, slope: 2, mean: 1, deviation: 3 };
    const [json, tensors] = directionFiles("m", "a → b", place, found, null);
    expect([...parseSafetensors(tensors!.bytes).tensors.keys()]).toEqual(["unit"]);
    const read = JSON.parse(new TextDecoder().decode(json!.bytes)) as object;
    expect(Object.keys(read)).not.toContain("written");
    expect(Object.keys(read)).not.toContain("writes_to");
  });
  it("projected out as an edit leaves nothing along it, and a step adds its length", async () => {
    const hook = "blocks.0.hook_resid_post";
    const draw = keyedRandom(8);
    const raw = Array.from({ length: 12 }, () => draw() - 0.5);
    const vector = raw.map((v) => v / Math.hypot(...raw));
    const target = { kind: "direction", hook, head: null, name: "d", vector } as const;
    const ids = [texts[0]!];
    const along = async (op: "zero" | "add" | null) => {
      const edit = op && toEdit({ target, op, amount: 2.5, pos: null, on: true }, () => null);
      const edits = edit ? await resolveEdits(model, ids, [edit], { signal }) : [];
      const { cache } = await model.run({ ids, names: [hook], edits, logits: "none" });
      const { data } = cache.get(hook)!;
      return ids[0]!.map((_, t) => vector.reduce((s, v, d) => s + v * data[t * 12 + d]!, 0));
    };
    const plain = await along(null);
    for (const v of await along("zero")) expect(v).toBeCloseTo(0, 4);
    (await along("add")).forEach((v, t) => expect(v).toBeCloseTo(plain[t]! + 2.5, 4));
  });
});
