/** Labelled cases: by rules, from tables and marks; and the activations read for them, against a float64 model. */
import { afterAll, describe, expect, it } from "vitest";
import { HEAD_SITES, placeHook, PROBE_SITES, type ProbePlace } from "../../src/core/probe.ts";
import { harvestCases, passesOf } from "../../src/lab/probe-harvest.ts";
import { labelsByRule } from "../../src/lab/probe-rules.ts";
import { makeProbeSet } from "../../src/lab/probe-set.ts";
import { referenceRun } from "../reference/forward.ts";
import { referenceModel } from "../reference/weights.ts";
import { signal, engine, model, texts, request, table, corpus } from "./probe-bench.ts";

afterAll(() => engine.release());

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
