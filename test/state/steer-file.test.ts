import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LabError } from "../../src/core/lab-error.ts";
import { newRow } from "../../src/core/steer.ts";
import { readSteer, readSteerRows } from "../../src/core/steer-shape.ts";
import { decodeSteerFile, encodeSteerFile, type SteerFile } from "../../src/state/steer-file.ts";
import { NO_TEXT } from "../../src/state/steer-text-slice.ts";
import { anyRow } from "./rows.ts";

const rows = fc.array(anyRow, { maxLength: 4 });
const attention = fc.constantFrom("free" as const, "frozen" as const);
const preset = fc.record({ name: fc.string(), rows, attention });
const token = fc.record({
  ...{ id: fc.nat(), text: fc.string(), string: fc.string() },
  ...{ probability: fc.double({ min: 0, max: 1, noNaN: true }).map((x) => x + 0), rank: fc.nat() },
  alternatives: fc.constant(null),
});
const continuation = fc.array(token, { maxLength: 3 }).chain((tokens) => {
  const chances = fc.array(
    fc.double({ min: -9, max: 0, noNaN: true }).map((x) => x + 0),
    {
      ...{ minLength: tokens.length, maxLength: tokens.length },
    },
  );
  return fc.record({
    ...{ tokens: fc.constant(tokens), text: fc.constant(tokens.map((t) => t.text).join("")) },
    status: fc.constantFrom("length" as const, "cancelled" as const, "end-of-text" as const),
    error: fc.constant(null),
    scores: fc.option(fc.record({ plain: chances, steered: chances })),
  });
});
const experiment = fc.record({
  ...{ name: fc.string(), rows, attention, savedAt: fc.string(), modelId: fc.string() },
  ...{ prompt: fc.string({ unit: "grapheme" }), prependBos: fc.boolean() },
  sampling: fc.record({
    ...{ maxNewTokens: fc.integer({ min: 1, max: 500 }), temperature: fc.constantFrom(0, 0.8) },
    ...{ topK: fc.nat(1000), topP: fc.constantFrom(0.5, 1), repetitionPenalty: fc.constant(1) },
    seed: fc.nat(2 ** 31 - 1),
  }),
  samples: fc.array(fc.record({ seed: fc.nat(), plain: continuation, steered: continuation }), {
    maxLength: 2,
  }),
});

describe("a file of steering", () => {
  it("reads back what it wrote", () => {
    fc.assert(
      fc.property(
        fc.array(preset, { maxLength: 3 }),
        fc.array(experiment, { maxLength: 2 }),
        (presets, experiments) => {
          const file: SteerFile = { presets, experiments };
          expect(decodeSteerFile(encodeSteerFile(file))).toEqual(file);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("is cut off where a text was still being written", () => {
    const one = { ...NO_TEXT, status: "running" as const };
    const [made] = fc.sample(experiment, 1);
    const file = {
      presets: [],
      experiments: [{ ...made!, samples: [{ seed: 1, plain: one, steered: one }] }],
    };
    const [back] = decodeSteerFile(encodeSteerFile(file)).experiments;
    expect(back!.samples[0]!.plain.status).toBe("cancelled");
  });

  const good = { kind: "glassroom steering", version: 1, presets: [], experiments: [] };
  it.each<[string, unknown, RegExp]>([
    ["no JSON", "{", /it is no JSON/],
    ["another file", { presets: [] }, /"kind" is missing/],
    ["a later version", { ...good, version: 2 }, /version 2; this app reads version 1/],
    ["a list", [], /it is \[\], no object/],
    ["presets that are none", { ...good, presets: {} }, /presets is \{\}, no list/],
    ["a preset without rows", { ...good, presets: [{ name: "x" }] }, /presets\[0\]: .*list/],
    ["a nameless preset", { ...good, presets: [{ rows: [] }] }, /presets\[0\]\.name/],
    [
      "a row that is none",
      {
        ...good,
        presets: [
          { name: "x", rows: [{ source: { kind: "feature", sae: "a", feature: -1 }, amount: 1 }] },
        ],
      },
      /presets\[0\]: row 0 of steering: source\.feature is a whole number from 0, not -1/,
    ],
    ["no sampling", { ...good, experiments: [{ name: "x" }] }, /experiments\[0\]\.sampling/],
  ])("is refused, naming what is wrong: %s", (_, value, words) => {
    const text = typeof value === "string" ? value : JSON.stringify(value);
    expect(() => decodeSteerFile(text)).toThrow(words);
    expect(() => decodeSteerFile(text)).toThrow(LabError);
  });

  it("never fails but by saying so, whatever is changed in it", () => {
    const [made] = fc.sample(
      fc.record({
        presets: fc.array(preset, { minLength: 1 }),
        experiments: fc.array(experiment, { minLength: 1 }),
      }),
      1,
    );
    const text = encodeSteerFile(made!);
    const broken = fc.tuple(fc.nat(text.length), fc.nat(20), fc.string({ maxLength: 5 }));
    fc.assert(
      fc.property(broken, ([at, cut, put]) => {
        try {
          decodeSteerFile(text.slice(0, at) + put + text.slice(at + cut));
        } catch (e) {
          expect(e).toBeInstanceOf(LabError);
        }
      }),
      { numRuns: 300 },
    );
    fc.assert(
      fc.property(fc.json(), (json) => {
        expect(() => decodeSteerFile(json)).toThrow(LabError);
      }),
    );
  });
});

describe("rows from the console", () => {
  const source = { kind: "feature", sae: "a", feature: 3 };
  it("have defaults for what is left out", () => {
    expect(readSteer({ rows: [{ source, amount: 2 }] })).toEqual({
      attention: "free",
      rows: [newRow({ kind: "feature", sae: "a", feature: 3 }, 2)],
    });
  });
  it.each<[unknown, RegExp]>([
    [null, /not null/],
    [{ saeId: "a", features: [] }, /\{ rows: \[\{ source, mode, amount \}/],
    [{ rows: [], attention: "off" }, /"attention" is one of "free", "frozen", not "off"/],
    [{ rows: [{ source, amount: NaN }] }, /amount is a finite number, not NaN/],
    [{ rows: [{ source, amount: 1, mode: "set" }] }, /"mode" is one of "add"/],
    [{ rows: [{ source, amount: 1, at: [0.5] }] }, /"at" is "all", "generated" or a list/],
    [{ rows: [{ source, amount: 1, where: 3 }] }, /there is no key "where"/],
    [
      { rows: [{ source: { kind: "neuron", layer: 0, neuron: 1 }, mode: "clamp", amount: 1 }] },
      /"replace" does the same/,
    ],
    [
      { rows: [{ source: { kind: "vector", hook: "x", vector: [1, null] }, amount: 1 }] },
      /source\.vector\[1\] is null/,
    ],
  ])("are refused, naming what is wrong: %o", (value, words) => {
    expect(() => readSteer(value)).toThrow(words);
  });
  it("are as they were after reading", () => {
    fc.assert(
      fc.property(rows, (list) => {
        expect(readSteerRows(list)).toEqual(list);
      }),
    );
    fc.assert(
      fc.property(fc.anything(), (value) => {
        expect(() => readSteer(value)).toThrow(LabError);
      }),
    );
  });
});
