/** Where a circuit's nodes lie and its edges run: layers from the foot up, rows that fit, groups as one node, what is hidden gone. */
import { describe, expect, it } from "vitest";
import { circuitLayout, type LayoutQuestion, MOST_DRAWN } from "../../src/charts/circuit-layout.ts";
import { nodeBeside } from "../../src/charts/node-beside.ts";
import { compareCircuits, curveOf } from "../../src/charts/circuit-comparison.ts";
import { circuitGraph, parseEdge } from "../../src/core/circuit.ts";
import { edgesAt, withEdges, withNode } from "../../src/core/circuit-edit.ts";
import { circuitDot, readCircuit, writeCircuit } from "../../src/core/circuit-file.ts";
import { grouped, pinned, PLAIN_VIEW, ungrouped } from "../../src/core/circuit-view.ts";
import type { FoundCircuit } from "../../src/core/found-circuit.ts";

const graph = circuitGraph({ n_layer: 2, n_head: 3 });
const EDGES: Record<string, number> = {
  "input->m0": -4,
  "input->a0.h2<v>": -1,
  "m0->a1.h0<q>": -2,
  "m0->a1.h1<q>": 1,
  "a0.h2->a1.h0<k>": 0.5,
  "a1.h0->logits": -3,
  "a1.h1->logits": -1,
};
const mask = new Uint8Array(graph.edges);
const scores = new Float64Array(graph.edges).fill(NaN);
for (const [name, score] of Object.entries(EDGES)) {
  mask[parseEdge(graph, name)] = 1;
  scores[parseEdge(graph, name)] = score;
}
const ask = (patch: Partial<LayoutQuestion> = {}) =>
  circuitLayout({ graph, mask, scores, view: PLAIN_VIEW, room: 600, rem: 16, ...patch });
const circuit: FoundCircuit = {
  ...{ id: "1", name: 'a "test"', method: "eap", model: "made-up", n_layer: 2, n_head: 3 },
  ...{ task: "t", pairs: 3, metric: "logitDiff", corruption: "resample", threshold: 0.5 },
  ...{ scores, mask, savedAt: "2026-11-23T12:00:00.000Z" },
};

describe("a layout", () => {
  it("has what is in the circuit, each sender below its receivers, lines as wide as √|score| says", () => {
    const { nodes, edges, width, height } = ask();
    expect(nodes.map(({ id }) => id).sort()).toEqual(
      ["a0.h2", "a1.h0", "a1.h1", "input", "logits", "m0"].sort(),
    );
    expect(edges.map(({ id }) => id).sort()).toEqual(Object.keys(EDGES).sort());
    const at = new Map(nodes.map((node) => [node.id, node]));
    for (const { from, to } of edges) expect(at.get(from)!.y).toBeGreaterThan(at.get(to)!.y);
    for (const { x, y, width: w, height: h } of nodes) {
      expect(x - w / 2).toBeGreaterThanOrEqual(0);
      expect(x + w / 2).toBeLessThanOrEqual(width);
      expect(y - h / 2).toBeGreaterThanOrEqual(0);
      expect(y + h / 2).toBeLessThanOrEqual(height);
    }
    expect(at.get("a1.h0")!.channels).toEqual(["q", "k"]);
    expect(edges.at(-1)).toMatchObject({ id: "input->m0", width: 7 });
    expect(edges.find(({ id }) => id === "input->a0.h2<v>")!.width).toBeCloseTo(4, 12);
  });

  it.each([350, 600, 900])("rows wrap where %i px end, and no two nodes overlap", (room) => {
    const large = circuitGraph({ n_layer: 3, n_head: 12 });
    const all = new Uint8Array(large.edges).fill(1);
    const { nodes, width } = ask({ graph: large, mask: all, scores: null, room });
    expect(nodes).toHaveLength(3 * 13 + 2);
    nodes.forEach((a, i) => {
      expect(a.x + a.width / 2).toBeLessThanOrEqual(width);
      for (const b of nodes.slice(i + 1)) {
        const apart =
          Math.abs(a.x - b.x) >= (a.width + b.width) / 2 ||
          Math.abs(a.y - b.y) >= (a.height + b.height) / 2;
        expect(apart, `${a.id} and ${b.id}`).toBe(true);
      }
    });
  });

  it("of very many edges the strongest are drawn, and all are counted", () => {
    const large = circuitGraph({ n_layer: 5, n_head: 12 });
    const all = new Uint8Array(large.edges).fill(1);
    const some = new Float64Array(large.edges).fill(NaN);
    const [weak, strong] = [large.edges - 1, large.edges - 2];
    some[weak] = 0.1;
    some[strong] = -3;
    const { nodes, edges, left } = ask({ graph: large, mask: all, scores: some });
    expect(large.edges).toBeGreaterThan(MOST_DRAWN);
    expect(edges).toHaveLength(MOST_DRAWN);
    expect(left).toBe(large.edges - MOST_DRAWN);
    expect(edges.at(-1)!.edges).toEqual([strong]);
    expect(edges.some(({ edges: own }) => own[0] === weak)).toBe(true);
    const sum = (of: "into" | "out") => nodes.reduce((n, node) => n + node[of], 0);
    expect([sum("into"), sum("out")]).toEqual([large.edges, large.edges]);
  });

  it("groups are one node whose edges are sums; hidden ones are gone; pins hold", () => {
    const view = grouped(PLAIN_VIEW, "movers", ["a1.h0", "a1.h1"]);
    const { nodes, edges } = ask({ view });
    expect(nodes.find(({ id }) => id === "movers")).toMatchObject({
      ...{ kind: "group", members: ["a1.h0", "a1.h1"], label: "movers (2)" },
    });
    expect(edges.find(({ id }) => id === "movers->logits")).toMatchObject({ score: -4 });
    expect(edges.find(({ id }) => id === "m0->movers")!.edges).toHaveLength(2);
    expect(ungrouped(view, ["a1.h0"]).groups).toEqual([]);
    const hidden = ask({ view: { ...PLAIN_VIEW, hidden: ["m0"] } });
    expect(hidden.nodes.some(({ id }) => id === "m0")).toBe(false);
    expect(hidden.edges).toHaveLength(4);
    const moved = ask({ view: pinned(PLAIN_VIEW, "m0", [0.25, 0.5]) });
    expect(moved.nodes.find(({ id }) => id === "m0")).toMatchObject({
      ...{ x: 150, y: moved.height / 2, pinned: true },
    });
    expect(pinned(pinned(PLAIN_VIEW, "m0", [0, 0]), "m0", null).pins).toEqual({});
  });

  it("arrow keys lead from the input to the logits and back", () => {
    const { nodes } = ask();
    let at = nodes.find(({ id }) => id === "input")!;
    for (let step = 0; step < 10 && at.id !== "logits"; step++) {
      at = nodeBeside(nodes, at, "ArrowUp")!;
    }
    expect(at.id).toBe("logits");
    expect(nodeBeside(nodes, at, "ArrowUp")).toBeNull();
    expect(nodeBeside(nodes, at, "x")).toBeNull();
    expect(nodeBeside(nodes, at, "ArrowDown")!.y).toBeGreaterThan(at.y);
  });
});

describe("by hand", () => {
  it("a node is put in by its strongest edges, and taken out with all of its", () => {
    const edge = (name: string) => parseEdge(graph, name);
    const known = scores.slice();
    known[edge("m0->a1.h2<k>")] = -2;
    known[edge("a0.h0->a1.h2<k>")] = -9; // a0.h0 is not in the circuit
    known[edge("a1.h2->logits")] = 0.1;
    const more = withNode(graph, mask, "a1.h2", known);
    expect(more[edge("m0->a1.h2<k>")]).toBe(1);
    expect(more[edge("a1.h2->logits")]).toBe(1);
    const sum = (of: Uint8Array) => of.reduce((a, b) => a + b, 0);
    expect(sum(more)).toBe(sum(mask) + 2);
    const bare = withNode(graph, mask, "a1.h2", null);
    expect(bare[edge("input->a1.h2<v>")]).toBe(1);
    expect(bare[edge("a1.h2->logits")]).toBe(1);
    const less = withEdges(more, edgesAt(graph, ["a1.h2"]), false);
    expect(less).toEqual(mask);
    expect(() => withNode(graph, mask, "a7.h0", null)).toThrow(/a7.h0/);
    expect(() => withNode(graph, mask, "input", null)).toThrow(/input/);
  });
});

describe("files", () => {
  it("JSON is read as it was written", () => {
    const back = readCircuit(writeCircuit(circuit), "2");
    expect(back).toEqual({ ...circuit, id: "2" });
    const none = { ...circuit, scores: null };
    expect(readCircuit(writeCircuit(none), "1")).toEqual(none);
    const laid = {
      ...{ ...circuit, method: "eap-ig" as const, steps: 7 },
      ...{ metric: "formula" as const, formula: "logitDiff - 0.5 * kl" },
      view: {
        ...{ pins: { m0: [0.25, 0.5] as const }, hidden: ["a1.h1"] },
        groups: [{ name: "movers", nodes: ["a1.h0", "a0.h2"] }],
      },
    };
    expect(readCircuit(writeCircuit(laid), "1")).toEqual(laid);
    const broken = writeCircuit(laid).replace("0.25", "25");
    expect(() => readCircuit(broken, "1")).toThrow(/the pin of m0 is not two shares/);
    const odd = writeCircuit(laid).replace("0.5 * kl", "0.5 * loss");
    expect(() => readCircuit(odd, "1")).toThrow(/the formula cannot be read at “?"?loss/);
  });
  it.each([
    ["[", /no JSON/],
    ["{}", /“format” is null/],
    [writeCircuit(circuit).replace('"n_head": 3', '"n_head": -3'), /“n_head” is -3/],
    [writeCircuit(circuit).replace("input->m0", "m0->input"), /m0->input/],
    [writeCircuit(circuit).replace('"eap"', '"magic"'), /“method” is "magic"/],
  ])("%# is refused by name", (text, why) => {
    expect(() => readCircuit(text, "1")).toThrow(why);
  });
  it("DOT has every edge once, quoted", () => {
    const dot = circuitDot(circuit);
    expect(dot.match(/->/g)).toHaveLength(Object.keys(EDGES).length);
    expect(dot).toContain(`digraph "a 'test'" {`);
    expect(dot).toContain(
      '"m0" -> "a1.h1" [headlabel="q", penwidth=2.75, tooltip="1.000", style=dashed];',
    );
    // The KL is better where it is small: what adds to it when it is cut helps.
    const kl = circuitDot({ ...circuit, metric: "kl" });
    expect(kl).toContain('[headlabel="q", penwidth=2.75, tooltip="1.000"];');
    expect(kl.match(/dashed/g)).toHaveLength(5);
  });
});

describe("comparison", () => {
  it("of two circuits, by node and by edge", () => {
    const other = {
      ...circuit,
      mask: withEdges(mask, edgesAt(graph, ["a1.h1", "a0.h2"]), false),
    };
    const [nodes, edges] = compareCircuits(circuit, other);
    expect(nodes!.names).toHaveLength(2 * 4);
    expect(nodes!.truth.reduce((a, b) => a + b)).toBe(2);
    expect(edges!.truth.reduce((a, b) => a + b)).toBe(3);
    // m0 and a1.h0 lie on the widest path; the rest on narrower ones or none.
    expect(curveOf(nodes!.scores, nodes!.truth)).toMatchObject({ auc: 1 });
    expect(curveOf(null, [])).toMatch(/no scores/);
    expect(curveOf([-Infinity, -Infinity], [0, 1])).toMatch(/At no τ/);
    expect(
      curveOf(
        nodes!.scores,
        nodes!.names.map(() => 0),
      ),
    ).toMatch(/0 are in the circuit/);
  });
  it("of GPT-2 small's heads: 26 of 144, by name", () => {
    const sizes = { n_layer: 12, n_head: 12 };
    const whole = circuitGraph(sizes);
    const found = new Uint8Array(whole.edges);
    for (const name of ["input->a9.h9<q>", "a9.h9->logits", "input->m3", "m3->a5.h0<v>"]) {
      found[parseEdge(whole, name)] = 1;
    }
    const [heads] = compareCircuits({ ...circuit, ...sizes, mask: found, scores: null }, "ioi");
    expect(heads!.names).toHaveLength(144);
    expect(heads!.truth.reduce((a, b) => a + b)).toBe(26);
    expect(heads!.names.filter((_, i) => heads!.found[i])).toEqual(["a5.h0", "a9.h9"]);
    const [both] = compareCircuits(
      { ...circuit, ...sizes, mask: found, scores: null },
      "greater-than",
    );
    expect(both!.names).toHaveLength(156);
    expect(both!.truth.reduce((a, b) => a + b)).toBe(17);
  });
  it("against nothing is nothing", () => expect(compareCircuits(circuit, null)).toEqual([]));
});
