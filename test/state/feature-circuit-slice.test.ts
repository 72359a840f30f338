/** The feature circuit on the page: asked, stopped, kept while another is made; marks with undo, kept by this browser. */
import { describe, expect, it } from "vitest";
import type { CircuitAnswer, FeatureGraph } from "../../src/core/feature-circuit.ts";
import { writeGraph } from "../../src/core/graph-file.ts";
import { LabError } from "../../src/core/lab-error.ts";
import { type AskedCircuit, marksOf } from "../../src/state/feature-circuit-slice.ts";
import { MARKS_KEY, storedMarks, storeMarks } from "../../src/state/stored-marks.ts";
import { benchStore } from "./bench-store.ts";
import { settle } from "./saes.ts";

const ASKED: AskedCircuit = {
  ...{ ids: [0, 1], saes: ["a"], target: { kind: "top", mass: 0.95, most: 10 } },
  ...{ heads: "nodes", skipFirst: true, mostNodes: 2000, nodeShare: 0.8, edgeShare: 0.98 },
};
const graphOf = (prompt: string): FeatureGraph => ({
  ...{ slug: "g", model: "m", prompt, tokens: ["x"], layers: 1, links: [] },
  nodes: [
    {
      ...{ id: "0_1_0", kind: "feature", layer: 0, pos: 0, index: 1, sae: "a", label: "" },
      ...{ activation: 1, effect: 0, influence: 0.5, probability: null },
    },
  ],
  ...{ nodeShare: 0.8, edgeShare: 0.98, scores: null, pinned: [], supernodes: [] },
});
const answer = (prompt: string): CircuitAnswer => ({
  graph: graphOf(prompt),
  facts: {
    ...{ features: 1, candidates: 1, computed: 1, leftOut: 0 },
    ...{ nodes: 1, edges: 0, seconds: 1 },
  },
});

async function made() {
  const bench = benchStore();
  await bench.ready();
  void bench.state().runFeatureCircuit(ASKED);
  await settle();
  bench.nth("featureCircuit.make").resolve(answer("first"));
  await settle();
  return bench;
}

describe("the circuit", () => {
  it("tells how far it is, and stays while another is made, stopped or failed", async () => {
    const { state, nth } = await made();
    expect(state().featureCircuit?.graph.prompt).toBe("first");
    expect(state().featureCircuitProgress).toBeNull();
    void state().runFeatureCircuit({ ...ASKED, heads: "through" });
    await settle();
    const told = { what: "rows", done: 3, total: 9, secondsLeft: 1 } as const;
    nth("featureCircuit.make").progress(told);
    expect(state().featureCircuitProgress).toEqual(told);
    state().stopFeatureCircuit();
    await settle();
    expect(state()).toMatchObject({ featureCircuitProgress: null, featureCircuitError: null });
    expect(state().featureCircuit?.graph.prompt).toBe("first");
    void state().runFeatureCircuit({ ...ASKED, saes: [] });
    await settle();
    nth("featureCircuit.make").reject(new LabError("bad-input", "no"));
    await settle();
    expect(state().featureCircuitError?.message).toBe("no");
    expect(state().featureCircuit?.graph.prompt).toBe("first");
  });

  it("is read from a file, with its pins and groups", async () => {
    const { state } = await made();
    const graph = {
      ...graphOf("of a file"),
      ...{ pinned: ["0_1_0"], supernodes: [{ name: "n", members: ["0_1_0"] }] },
    };
    const text = writeGraph(graph, { clicked: "0_1_0", labelOf: () => "", time: 0 });
    state().openGraphFile("g.json", text);
    expect(state().featureCircuit).toMatchObject({ from: "file", facts: null });
    expect(state().options["graph.node"]).toBe("0_1_0");
    expect(marksOf(state())).toMatchObject({ pinned: ["0_1_0"], groups: [{ name: "n" }] });
    state().openGraphFile("bad.json", "{}");
    expect(state().featureCircuitError?.message).toMatch(/metadata is missing/);
    expect(state().featureCircuit?.graph.prompt).toBe("of a file");
  });
});

describe("marks", () => {
  it("are of their circuit, and can be undone", async () => {
    const { state, nth } = await made();
    const pin = (id: string) =>
      state().markGraph((now) => ({ ...now, pinned: [...now.pinned, id] }));
    pin("x");
    pin("y");
    expect(marksOf(state()).pinned).toEqual(["x", "y"]);
    state().undoMarks();
    expect(marksOf(state()).pinned).toEqual(["x"]);
    state().redoMarks();
    expect(marksOf(state()).pinned).toEqual(["x", "y"]);

    void state().runFeatureCircuit({ ...ASKED, heads: "through" });
    await settle();
    nth("featureCircuit.make").resolve(answer("second"));
    await settle();
    expect(marksOf(state()).pinned).toEqual([]);
    expect(state().undoneMarks.past).toEqual([]);
    void state().runFeatureCircuit({ ...ASKED, nodeShare: 0.9 }); // more of the first
    await settle();
    nth("featureCircuit.make").resolve(answer("first"));
    await settle();
    expect(marksOf(state()).pinned).toEqual(["x", "y"]);
  });

  it("are kept by the browser; what is damaged is left out", () => {
    const kept = new Map<string, string>();
    const storage = {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
    };
    const marks = { k: { pinned: ["a"], hidden: [], groups: [{ name: "g", members: ["a"] }] } };
    storeMarks(storage, marks);
    expect(storedMarks(storage)).toEqual(marks);
    kept.set(MARKS_KEY, JSON.stringify({ ...marks, bad: { pinned: 3 }, worse: null }));
    expect(storedMarks(storage)).toEqual(marks);
    kept.set(MARKS_KEY, "{");
    expect(storedMarks(storage)).toEqual({});
    expect(storedMarks(null)).toEqual({});
  });
});
