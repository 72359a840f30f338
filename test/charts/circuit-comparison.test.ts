/** A circuit of GPT-2 small's sizes beside a published one: class by class, and only of what that one tells. */
import { describe, expect, it } from "vitest";
import { agreementOf, compareCircuits } from "../../src/charts/circuit-comparison.ts";
import { circuitGraph, parseEdge } from "../../src/core/circuit.ts";
import type { FoundCircuit } from "../../src/core/found-circuit.ts";
import { isGpt2Small } from "../../src/core/known-circuits.ts";

const sizes = { n_layer: 12, n_head: 12 };
const graph = circuitGraph(sizes);
const circuitOf = (...edges: string[]): FoundCircuit => {
  const mask = new Uint8Array(graph.edges);
  for (const edge of edges) mask[parseEdge(graph, edge)] = 1;
  return {
    ...{ id: "one", name: "one", method: "hand", model: "gpt2", ...sizes, task: "", pairs: 1 },
    ...{ metric: "logitDiff", corruption: "resample", threshold: 0, scores: null, mask },
    savedAt: "2026-01-01T00:00:00Z",
  };
};
const found = circuitOf("input->a0.h1<q>", "a0.h1->a5.h5<k>", "a5.h5->m7", "m7->a9.h9<v>");

describe("against a published circuit", () => {
  it("of heads: MLPs are not counted, and each class has its own", () => {
    const [heads, ...others] = compareCircuits(found, "ioi");
    expect(others).toEqual([]);
    expect(heads!.names).toHaveLength(144);
    expect(agreementOf(heads!.found, heads!.truth)).toMatchObject({ both: 3, extra: 0 });
    const classes = new Map(heads!.classes!.map((one) => [one.name, one]));
    expect(classes.get("name mover")).toMatchObject({ here: ["9.9"], missed: ["9.6", "10.0"] });
    expect(classes.get("duplicate token")!.here).toEqual(["0.1"]);
    expect(classes.get("S-inhibition")!.here).toEqual([]);
    const all = [...classes.values()].flatMap(({ here, missed }) => [...here, ...missed]);
    expect(all).toHaveLength(26);
  });
  it("of heads and MLPs: both are counted", () => {
    const [both] = compareCircuits(found, "greater-than");
    expect(both!.names).toHaveLength(156);
    expect(both!.classes!.at(-1)).toMatchObject({ name: "MLPs", here: [] });
    expect(agreementOf(both!.found, both!.truth)).toMatchObject({ both: 2, extra: 2 }); // 0.1 and 5.5; 9.9 and MLP 7
  });
  it("only of GPT-2 small by its names on the Hub", () => {
    expect(["gpt2", "openai-community/gpt2"].every(isGpt2Small)).toBe(true);
    expect(["someone/gpt2", "gpt2-medium", "openai-community/gpt2-xl"].some(isGpt2Small)).toBe(
      false,
    );
  });
});
