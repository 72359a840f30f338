/** Tests of a circuit over a fake worker: which prompts are asked, what stays, and circuits as nodes. */
import { describe, expect, it, vi } from "vitest";
import { circuitGraph, parseEdge } from "../../src/core/circuit.ts";
import { readHeadCircuit } from "../../src/core/head-circuit.ts";
import type { MadeTask, ReadPair } from "../../src/core/task.ts";
import { isKeptTest, type KeptTest, type VerifyQuestion } from "../../src/core/verify.ts";
import type { OpenTask } from "../../src/state/task-slice.ts";
import { circuitNodes, unseenPairs } from "../../src/state/verify-question.ts";
import { type VerifyAsk, verifyKey } from "../../src/state/verify-slice.ts";
import { benchStore } from "./bench-store.ts";
import { settle } from "./saes.ts";

const sizes = { n_layer: 4, n_head: 3 };
const pair = (n: number, problem: string | null = null): ReadPair => ({
  clean: { ids: [n, 1], strings: ["a", "b"] },
  corrupted: { ids: [n, 2], strings: ["a", "c"] },
  ...{ answers: [3], wrong: [4], problem },
  roles: [
    { role: "S2", at: [0] },
    { role: "END", at: [1] },
  ],
});
const made: MadeTask = {
  task: { name: "ioi", prependBos: true, pairs: [] },
  ...{ leftOut: [], shortage: null },
};
const open: OpenTask = {
  ...{ choice: "ioi-flip", task: made.task, made, baseline: [], model: "tinylab-gpt2-4l" },
  stamp: "tinylab-gpt2-4l",
  read: [pair(10), pair(20, "too long"), pair(30)],
};
const heads = readHeadCircuit("mover: 3.1 2.0 @ END\nearly: 0.2\nmlps: 0", sizes);
const ask: VerifyAsk = {
  ...{ open, circuitName: "mine", prompts: "held-out", count: 6, draw: 1 },
  circuit: heads,
  settings: {
    ...{ metric: "logitDiff", ablation: "mean", random: { count: 5, by: "layer" } },
    ...{ subsets: 2, greedy: true, seed: 7 },
  },
};

describe("a circuit's test", () => {
  it("is asked on another draw, without what the open task has; its prompts are references, too", async () => {
    const { state, nth, ready } = benchStore();
    await ready();
    const run = state().runVerify("key", ask);
    expect(nth("task.make").input).toMatchObject({ count: 6, seed: 1 });
    nth("task.make").resolve(made);
    await settle();
    nth("task.read").resolve([pair(40), pair(30), pair(50, "no"), pair(60)]);
    await settle();
    const asked = nth("circuit.verify").input as VerifyQuestion;
    expect(asked.pairs.map(({ clean, places }) => [clean[0], places])).toEqual([
      [40, [[0], [1]]],
      [60, [[0], [1]]],
    ]);
    expect(asked.references.map(({ ids }) => ids[0])).toEqual([10, 30]);
    expect(asked).toMatchObject({ withMlps: true, seed: 7, metric: "logitDiff" });
    const shown = () => state().verifyRuns["key"]!;
    expect(shown().asked).toMatchObject({ seed: 1, dropped: 1, task: "ioi" });
    const one = Float64Array.of(1, 2);
    nth("circuit.verify").progress({
      ...{ done: 2, total: 9, secondsLeft: 3 },
      found: [{ kind: "random", values: one }],
    });
    nth("circuit.verify").progress({ done: 4, total: 9, secondsLeft: 2, found: [] });
    expect(shown()).toMatchObject({
      status: "running",
      done: 4,
      total: 9,
      found: [{ values: one }],
    });
    state().stopVerify();
    await run;
    expect(shown()).toMatchObject({ status: "stopped", found: [{ values: one }] });
  });

  it("on the open task's own pairs asks for no others, and says so", async () => {
    const { state, nth, ready, count } = benchStore();
    await ready();
    const run = state().runVerify("key", { ...ask, prompts: "own" });
    await settle();
    expect(count("task.make")).toBe(0);
    const { pairs } = nth("circuit.verify").input as VerifyQuestion;
    expect(pairs.map(({ clean }) => clean[0])).toEqual([10, 30]);
    nth("circuit.verify").resolve({ runs: 1, seconds: 1 });
    await run;
    expect(state().verifyRuns["key"]).toMatchObject({ status: "done", asked: { seed: null } });
  });

  it("fails in words where a role is not there, or no pair is new", async () => {
    const { state, nth, ready } = benchStore();
    await ready();
    const circuit = readHeadCircuit("a: 1.1 @ S1+1", sizes);
    await state().runVerify("a", { ...ask, prompts: "own", circuit });
    expect(state().verifyRuns["a"]!.error?.message).toMatch(
      /S1\+1, a role that no prompt .*S2, END/,
    );
    const run = state().runVerify("b", ask);
    nth("task.make").resolve(made);
    await settle();
    nth("task.read").resolve([pair(10)]);
    await run;
    expect(state().verifyRuns["b"]!.error?.message).toMatch(/draw 1 has no pair/);
  });

  it("is kept when it ends, and is there after a reload", async () => {
    const { state, nth, ready, count } = benchStore();
    await ready();
    const run = state().runVerify("key", { ...ask, prompts: "own" });
    await settle();
    const one = { kind: "random" as const, values: Float64Array.of(1, 2) };
    nth("circuit.verify").progress({ done: 2, total: 2, secondsLeft: 0, found: [one] });
    nth("circuit.verify").resolve({ runs: 2, seconds: 1 });
    await settle();
    const kept = nth("circuits.keepTest").input as KeptTest;
    expect(kept).toMatchObject({ key: "key", done: true, runs: 2, found: [one] });
    expect(isKeptTest(kept)).toBe(true);
    expect(isKeptTest({ ...kept, asked: {} })).toBe(false);
    nth("circuits.keepTest").resolve(null);
    await run;

    const later = benchStore();
    await later.ready();
    const read = later.state().readVerify();
    void later.state().readVerify();
    later.nth("circuits.tests").resolve([kept]);
    await read;
    expect(later.count("circuits.tests")).toBe(1);
    expect(later.state().verifyRuns["key"]).toMatchObject({
      ...{ status: "done", found: [one], done: 2, asked: { task: "ioi" } },
    });
    expect(count("circuits.keepTest")).toBe(1);
  });

  it("is kept now and then while it goes on, as one that was stopped", async () => {
    const { state, nth, ready, count } = benchStore();
    await ready();
    const clock = vi.spyOn(performance, "now").mockReturnValue(0);
    void state().runVerify("key", { ...ask, prompts: "own" });
    await settle();
    const told = (second: number) => {
      clock.mockReturnValue(1000 * second);
      const one = { kind: "random" as const, values: Float64Array.of(second) };
      nth("circuit.verify").progress({ done: second, total: 90, secondsLeft: 9, found: [one] });
    };
    const kept = () => nth("circuits.keepTest").input as KeptTest;
    told(3);
    expect(count("circuits.keepTest")).toBe(0);
    told(6);
    expect(kept()).toMatchObject({ key: "key", done: false, runs: 6 });
    expect(kept().found).toHaveLength(2);
    told(10);
    expect(count("circuits.keepTest")).toBe(1);
    told(12);
    expect(kept().found).toHaveLength(4);
    clock.mockRestore();
  });

  it("of a circuit of edges asks for those, classed by the layer that they go into", async () => {
    const graph = circuitGraph(sizes);
    const names = ["input->a0.h1<q>", "a0.h1->m2", "input->m2", "m3->logits"];
    const edges = names.map((name) => parseEdge(graph, name));
    const { state, nth, ready } = benchStore();
    await ready();
    void state().runVerify("key", { ...ask, prompts: "own", circuit: { ...sizes, edges } });
    await settle();
    expect(nth("circuit.verify").input).toMatchObject({ edges, units: [], withMlps: true });
    const { classes } = nth("circuit.verify").input as VerifyQuestion;
    expect(classes).toEqual([
      { name: "into layer 0", units: [0] },
      { name: "into layer 2", units: [1, 2] },
      { name: "into the logits", units: [3] },
    ]);
    expect(state().verifyRuns["key"]!.asked!.names).toEqual(names);
  });

  it("has a key for what is asked and of which prompts", () => {
    expect(verifyKey(ask)).toBe(verifyKey({ ...ask }));
    expect(verifyKey(ask)).not.toBe(verifyKey({ ...ask, draw: 2 }));
    const other = { ...open, read: [pair(11)] };
    expect(verifyKey(ask)).not.toBe(verifyKey({ ...ask, open: other }));
  });
});

describe("nodes", () => {
  it("have the places of their roles; classes are the circuit's, or the layers of a single one", () => {
    const found = circuitNodes(heads, ["S2", "END"]);
    expect(found).toMatchObject({
      units: [
        { layer: 3, head: 1, places: [1] },
        { layer: 2, head: 0, places: [1] },
        { layer: 0, head: 2, places: null },
        { layer: 0, head: null, places: null },
      ],
      classes: [
        { name: "mover", units: [0, 1] },
        { name: "early", units: [2] },
        { name: "MLPs", units: [3] },
      ],
      names: ["3.1 at END", "2.0 at END", "0.2", "MLP 0"],
      withMlps: true,
    });
    const plain = circuitNodes(readHeadCircuit("0.1 2.0 2.2", sizes), []);
    expect(plain.classes).toEqual([
      { name: "layer 0", units: [0] },
      { name: "layer 2", units: [1, 2] },
    ]);
    expect(plain.withMlps).toBe(false);
  });
  it("pairs that were seen are known by their clean prompt", () => {
    expect(
      unseenPairs([pair(1), pair(2), pair(3, "no")], [pair(2)]).map(({ clean }) => clean.ids[0]),
    ).toEqual([1]);
  });
});
