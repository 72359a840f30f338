/** The file of notes: there and back, refusals that name what is wrong, and seeded damage. */
import { describe, expect, it } from "vitest";
import type { FeatureLabel, FeatureNote, SaeNotes } from "../../src/core/feature-notes.ts";
import { isNotesFile, readNotes, writeNotes } from "../../src/formats/feature-notes.ts";
import { fuzz, mutateBytes, mutateJson } from "../fuzz/mutate.ts";

const owner = {
  ...{ modelId: "openai-community/gpt2", hook: "blocks.8.hook_resid_pre" },
  ...{ dSae: 24, name: "res" },
};
const at = "2026-01-02T03:04:05.000Z";
const label: FeatureLabel = {
  ...{ text: "the city of Paris", source: { by: "user" }, at },
  scores: [
    {
      ...{ kind: "detection", judge: "judge-1", at, unread: 1 },
      counts: { hits: 4, misses: 1, falseAlarms: 2, rejections: 8 },
    },
    { kind: "simulation", judge: "judge-1", at, correlation: 0.5, texts: 3, tokens: 90, unread: 0 },
  ],
};
const note: FeatureNote = {
  label,
  others: [
    {
      ...{ text: "on “ Paris”", scores: [], at },
      source: {
        by: "tokens",
        rule: { place: "on", tokens: [" Paris", "\ud83d"], coverage: 0.9, base: 0.001 },
      },
    },
    { text: "says “ France”", source: { by: "logits" }, scores: [], at },
    { text: "France", source: { by: "model", model: "m" }, scores: [], at },
  ],
  note: "also “Texas”?\nsecond line",
  starred: true,
  tests: [
    {
      ...{ id: "t", statement: "the city of Paris", at },
      ...{ should: ["in Paris"], shouldNot: ["Paris Hilton"] },
      threshold: { kind: "share", value: 0.1 },
      result: {
        should: [{ text: "in Paris", value: 3 }],
        shouldNot: [{ text: "Paris Hilton", value: 0 }],
        ...{ threshold: 0.4, modelId: "openai-community/gpt2", at },
      },
    },
  ],
};
const notes: SaeNotes = {
  features: new Map([[3, note]]),
  lists: [{ id: "l", name: "Cities", features: [3, 0], at }],
};
const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const written = () =>
  JSON.parse(new TextDecoder().decode(writeNotes(notes, owner))) as Record<string, never>;

describe("a file of notes", () => {
  it("comes back as it was", () => {
    expect(readNotes(writeNotes(notes, owner), owner)).toEqual(notes);
    expect(readNotes(writeNotes({ features: new Map(), lists: [] }, owner), owner).lists).toEqual(
      [],
    );
  });
  it("tells each score beside its counts", () => {
    const file = written() as unknown as {
      features: Record<string, { label: { scores: { value: number }[] } }>;
    };
    const [detection, simulation] = file.features["3"]!.label.scores;
    expect(detection!.value).toBeCloseTo((4 / 5 + 8 / 10) / 2, 12);
    expect(simulation!.value).toBe(0.5);
  });
  it("is known by its name, also where the browser has numbered it", () => {
    expect(["feature_notes.json", "feature_notes (1).json"].every(isNotesFile)).toBe(true);
    expect(["cfg.json", "config.json", "feature_notes.txt"].some(isNotesFile)).toBe(false);
  });
  it("may come from the model under a bare name", () => {
    expect(readNotes(json({ ...written(), model_name: "gpt2" }), owner).features.size).toBe(1);
  });

  it.each<[string, object, RegExp]>([
    ["another width", { d_sae: 25 }, /25 features at blocks\.8.*“res” has 24/],
    ["another hook", { hook_name: "blocks.7.hook_resid_pre" }, /at blocks\.7\.hook_resid_pre/],
    ["another model", { model_name: "distilgpt2" }, /of distilgpt2; “res” has 24/],
    ["another format", { format: "x" }, /"format" is not/],
    ["a later version", { version: 2 }, /version 2, this lab reads version 1/],
    ["a feature too many", { features: { 24: {} } }, /features names feature 24, .* 0 … 23/],
    [
      "a list of a feature too many",
      { lists: [{ id: "a", name: "b", features: [24], at }] },
      /lists\[0\]\.features names feature 24/,
    ],
    ["no number", { features: { "1e1": note } }, /a feature of features is "1e1"/],
    [
      "a label without words",
      { features: { 1: { ...note, label: { ...label, text: " " } } } },
      /features\["1"\]\.label\.text is " "/,
    ],
    [
      "a count that is none",
      {
        features: {
          1: {
            ...note,
            label: { ...label, scores: [{ ...label.scores[0], counts: { hits: -1 } }] },
          },
        },
      },
      /label\.scores\[0\]\.counts\.hits is -1, expected a whole number from 0/,
    ],
  ])("is refused with %s, which it names", (_, patch, message) => {
    expect(() => readNotes(json({ ...written(), ...patch }), owner)).toThrow(message);
  });
  it("is refused when it is no JSON", () => {
    expect(() => readNotes(Uint8Array.of(0xff, 0x00), owner)).toThrow(/no JSON/);
  });

  it("ends well or in words, however it is damaged", () => {
    const file = written();
    const bytes = writeNotes(notes, owner);
    const one = (given: Uint8Array) => {
      for (const [feature, read] of readNotes(given, owner).features) {
        expect(feature).toBeLessThan(24);
        expect(read.label?.text.trim()).not.toBe("");
      }
    };
    const encoder = new TextEncoder();
    const accepted = fuzz(600, 5, (random) => one(encoder.encode(mutateJson(file, random))));
    fuzz(300, 6, (random) => one(mutateBytes(bytes, random)));
    expect(accepted).toBeGreaterThan(5);
  });
});
