/** Tasks read with the embedded model's tokenizer: the library, roles at tokens, what cannot be run, and a baseline by hand. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LIBRARY, LIBRARY_IDS } from "../../src/core/task-library.ts";
import type { ReadPair, TaskPair, TaskRecipe } from "../../src/core/task.ts";
import { taskBaseline } from "../../src/lab/task-baseline.ts";
import { makeTask } from "../../src/lab/task-generate.ts";
import { readPair, readTask } from "../../src/lab/task-read.ts";
import type { LoadedModel } from "../../src/model/loaded-model.ts";
import { createTokenizer } from "../../src/text/tokenizer.ts";
import { EMBEDDED, embeddedEngine, type NodeEngine } from "../model/node-engine.ts";
import { engineAsModel } from "./engine-model.ts";

let engine: NodeEngine;
let model: LoadedModel;
beforeAll(async () => {
  engine = await embeddedEngine();
  const file = (name: string) => readFileSync(new URL(name, EMBEDDED), "utf8");
  const files = { json: file("tokenizer.json"), config: file("tokenizer_config.json") };
  const { bos_token_id, vocab_size } = engine.config;
  model = engineAsModel(engine, {}, createTokenizer(files, bos_token_id, vocab_size));
});
afterAll(() => engine.release());
const { signal } = new AbortController();

describe("the library", () => {
  it.each(LIBRARY_IDS)(
    "%s: aligned, single tokens, no pair twice, the same for the same seed",
    (id) => {
      const request = { recipe: LIBRARY[id].recipe, count: 12, seed: 3 };
      const { task, shortage } = makeTask(model, request);
      expect(shortage).toBeNull();
      const read = readTask(model, task);
      expect(read.map(({ problem }) => problem)).toEqual(Array<null>(12).fill(null));
      for (const [i, pair] of read.entries()) {
        expect(pair.clean.ids.length).toBe(pair.corrupted.ids.length);
        expect(pair.answers.length).toBe(task.pairs[i]!.answers.length);
        expect(task.pairs[i]!.clean + task.pairs[i]!.corrupted).not.toMatch(/[{}]/);
        for (const { at } of pair.roles) {
          expect(at.every((pos) => pos >= 0 && pos < pair.clean.ids.length)).toBe(true);
        }
      }
      expect(new Set(task.pairs.map(({ clean, corrupted }) => clean + corrupted)).size).toBe(12);
      expect(makeTask(model, request).task).toEqual(task);
      expect(makeTask(model, { ...request, seed: 4 }).task).not.toEqual(task);
    },
  );

  it("prompts of one template are as long as each other, so that positions can be compared", () => {
    for (const id of ["ioi-baba", "ioi-abba", "ioi-flip", "capitals", "induction"] as const) {
      const { task } = makeTask(model, { recipe: LIBRARY[id].recipe, count: 10, seed: 1 });
      const lengths = readTask(model, task).map(({ clean }) => clean.ids.length);
      expect(new Set(lengths).size, id).toBe(1);
    }
  });

  it("says which words it leaves out", () => {
    const { leftOut, task } = makeTask(model, {
      ...{ recipe: LIBRARY["ioi-baba"].recipe, count: 40, seed: 1 },
    });
    expect(leftOut.find(({ list }) => list === "objects")!.words).toEqual(["basketball"]);
    expect(task.pairs.some(({ clean }) => clean.includes("basketball"))).toBe(false);
  });

  it("indirect objects: roles at the words, an answer that is IO, other names in the corrupted prompt", () => {
    for (const id of ["ioi-baba", "ioi-abba", "ioi-all"] as const) {
      const { task } = makeTask(model, { recipe: LIBRARY[id].recipe, count: 30, seed: 2 });
      readTask(model, task).forEach((pair, i) => {
        const at = (role: string) => {
          const found = pair.roles.find((r) => r.role === role)!;
          return found.at.map((pos) => pair.clean.strings[pos]!).join("");
        };
        expect(at("IO").trim()).toBe(task.pairs[i]!.answers[0]!.trim());
        expect(at("S1").trim()).toBe(at("S2").trim());
        expect([at("S2")]).toEqual(task.pairs[i]!.wrong);
        expect(at("END")).toBe(" to");
        for (const name of [at("IO"), at("S1")]) {
          expect(task.pairs[i]!.corrupted).not.toMatch(new RegExp(`\\b${name.trim()}\\b`));
        }
      });
    }
  });

  it("years above the first are right, the others wrong", () => {
    const { task } = makeTask(model, {
      ...{ recipe: LIBRARY["greater-than"].recipe, count: 8, seed: 1 },
    });
    for (const { clean, answers, wrong } of task.pairs) {
      const first = Number(/17(\d\d)/.exec(clean)![1]);
      expect(answers.map(Number)).toEqual(
        Array.from({ length: 99 - first }, (_, i) => first + 1 + i),
      );
      expect(wrong).toHaveLength(first + 1);
    }
  });

  it("refuses recipes that cannot be filled", () => {
    const recipe: TaskRecipe = {
      name: "x",
      templates: [{ clean: "{A} x", corrupted: "{B} x", answers: [" {A}"], wrong: [] }],
      slots: { A: "l", B: "l" },
      lists: { l: [["cat"], ["dog"]] },
    };
    const make = (patch: Partial<TaskRecipe>, count = 1) =>
      makeTask(model, { recipe: { ...recipe, ...patch }, count, seed: 1 });
    expect(() => make({ slots: { A: "l" } })).toThrow(/\{B\}/);
    expect(() => make({ lists: { l: [["cat"]] } })).toThrow(/needs 2 words/);
    expect(() => make({ templates: [] })).toThrow(/no template/);
    expect(() => make({}, 0)).toThrow(/1 … 1000/);
    const few = make({}, 9);
    expect(few.task.pairs).toHaveLength(2);
    expect(few.shortage).toMatch(/2 of 9 pairs/);
  });
});

describe("a pair", () => {
  const pair: TaskPair = {
    ...{
      clean: "When Mary and John left, John gave it to",
      corrupted: "When Anna and Paul left, Kate gave it to",
    },
    ...{ answers: [" Mary"], wrong: [" John"], roles: [] },
  };
  const read = (patch: Partial<TaskPair>, bos = true): ReadPair =>
    readPair(model, { ...pair, ...patch }, bos);

  it("has no problem if it can be run", () => expect(read({}).problem).toBeNull());
  it("of unequal lengths is refused with the words that differ", () => {
    const { problem } = read({ corrupted: "When Anna and Crystal left, Kate gave it to" });
    expect(problem).toMatch(/The clean prompt has 12 tokens, the corrupted one 13: .*Crystal|“.*C/);
    expect(problem).toContain("Take words of as many tokens.");
    expect(problem).toMatch(/ Mary\| and\| John/);
  });
  it("whose answers cannot be read says which", () => {
    expect(read({ answers: [" Crystal Palace"] }).problem).toMatch(
      /“ Crystal Palace” is \d+ tokens/,
    );
    expect(read({ answers: [] }).problem).toMatch(/no answer/);
    expect(read({ answers: [""] }).problem).toMatch(/empty/);
    expect(read({ answers: [" John"] }).problem).toMatch(/among the wrong ones/);
    expect(read({ corrupted: pair.clean }).problem).toMatch(/the same/);
    expect(read({ clean: "", corrupted: "" }, false).problem).toMatch(/empty/);
    const long = " a".repeat(300);
    expect(read({ clean: long, corrupted: long }).problem).toMatch(
      /301 tokens, this model reads 256/,
    );
  });
  it("has its roles at the tokens that hold the marked characters, also after characters of several bytes", () => {
    const clean = "Zoë 語 and Mary";
    const start = clean.indexOf("Mary");
    for (const bos of [true, false]) {
      const marked = read({ clean, roles: [{ role: "IO", start, end: start + 4 }] }, bos);
      const [role, end] = marked.roles;
      expect(role!.at.map((pos) => marked.clean.strings[pos])).toEqual([" Mary"]);
      expect(end).toEqual({ role: "END", at: [marked.clean.ids.length - 1] });
    }
  });
});

it("a baseline: every metric of both prompts, as single runs have them", async () => {
  const { task } = makeTask(model, { recipe: LIBRARY["ioi-baba"].recipe, count: 6, seed: 1 });
  const pairs = readTask(model, task).map(({ clean, corrupted, answers, wrong }) => ({
    ...{ clean: clean.ids, corrupted: corrupted.ids, answers, wrong },
  }));
  const told: number[] = [];
  const found = await taskBaseline(model, pairs, {
    signal,
    progress: ({ done }) => told.push(done),
  });
  expect(told).toEqual([4, 6]);
  for (const [i, { clean, answers, wrong }] of pairs.entries()) {
    const { logits } = await model.run({ ids: [clean], names: [], edits: [], logits: "last" });
    const z = logits!.data;
    const { values, top } = found[i]!.clean;
    expect(values.logitDiff).toBeCloseTo(z[answers[0]!]! - z[wrong[0]!]!, 3);
    expect(values.kl).toBeCloseTo(0, 6);
    expect(values.rank).toBe(1 + z.filter((v) => v > z[answers[0]!]!).length);
    expect(top).toHaveLength(5);
    expect(top[0]!.probability).toBeGreaterThanOrEqual(top[1]!.probability);
    expect(found[i]!.corrupted.values.kl).toBeGreaterThan(0);
  }
  // The embedded model was trained on such sentences.
  const mean = (side: "clean" | "corrupted") =>
    found.reduce((sum, pair) => sum + pair[side].values.logitDiff!, 0) / found.length;
  expect(mean("clean")).toBeGreaterThan(3);
  expect(mean("clean")).toBeGreaterThan(mean("corrupted") + 2);
});
