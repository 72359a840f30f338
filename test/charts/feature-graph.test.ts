/** What of a feature circuit is drawn, and where. */
import { describe, expect, it } from "vitest";
import {
  connections,
  graphLayout,
  moveInGraph,
  shownGraph,
} from "../../src/charts/feature-graph.ts";
import type { GraphNode, NodeKind } from "../../src/core/feature-circuit.ts";

const node = (
  id: string,
  kind: NodeKind,
  layer: number,
  pos: number,
  influence: number | null,
): GraphNode => ({
  ...{ id, kind, layer, pos, index: 0, sae: null, label: id },
  ...{ activation: null, effect: null, influence, probability: null },
});
const nodes = [
  node("t0", "token", -1, 0, 0.95),
  node("t1", "token", -1, 1, 0.99),
  node("a", "feature", 0, 1, 0.3),
  node("b", "feature", 0, 1, 0.7),
  node("c", "head", 1, 1, 0.5),
  node("y", "logit", 2, 1, 0),
];
const links = [
  { source: 0, target: 2, weight: 2 },
  { source: 1, target: 3, weight: 1 },
  { source: 2, target: 4, weight: -3 },
  { source: 3, target: 4, weight: 1 },
  { source: 3, target: 5, weight: 4 },
  { source: 4, target: 5, weight: 5 },
];
const NONE = { pinned: [], hidden: [], groups: [] };
const idsOf = (graph: ReturnType<typeof shownGraph>) => graph.nodes.map(({ id }) => id);

describe("what is shown", () => {
  it("has enough influence, or is pinned; tokens stay while a link of theirs is in sight", () => {
    const few = shownGraph({ nodes, links }, { threshold: 0.5, ...NONE });
    expect(idsOf(few)).toEqual(["t0", "a", "c", "y"]);
    expect(few.links).toHaveLength(3);
    const pinned = shownGraph({ nodes, links }, { threshold: 0.5, ...NONE, pinned: ["b"] });
    expect(idsOf(pinned)).toEqual(["t0", "t1", "a", "b", "c", "y"]);
    const hidden = shownGraph({ nodes, links }, { threshold: 1, ...NONE, hidden: ["a"] });
    expect(idsOf(hidden)).toEqual(["t1", "b", "c", "y"]);
  });

  it("has groups in one piece, their links added up", () => {
    const groups = [{ name: "both", members: ["a", "b"] }];
    const { nodes: shown, links: sums } = shownGraph(
      { nodes, links },
      { threshold: 0.5, ...NONE, groups },
    );
    expect(shown.map(({ id }) => id)).toEqual(["t0", "t1", "group: both", "c", "y"]);
    expect(shown[2]).toMatchObject({ kind: "group", layer: 0, pos: 1, influence: 0.3, node: null });
    expect(sums).toContainEqual({ source: 2, target: 3, weight: -2 });
    expect(sums).toContainEqual({ source: 2, target: 4, weight: 4 });
    const closed = shownGraph(
      { nodes, links },
      { threshold: 1, ...NONE, groups: [{ name: "all", members: ["a", "b", "c"] }] },
    );
    // Links within a group are its own affair.
    expect(closed.links.map(({ weight }) => weight)).toEqual([2, 1, 9]);
  });
});

describe("the layout", () => {
  const graph = shownGraph({ nodes, links }, { threshold: 1, ...NONE });
  const layout = graphLayout(graph, { tokens: ["x", "y"], layers: 2 }, 400, 16);

  it("has tokens at the foot, logits at the top, no two marks at one place, all inside", () => {
    const [t0, t1, a, b, c, y] = layout.y as [number, number, number, number, number, number];
    expect(t0).toBe(t1);
    expect(a).toBe(b);
    expect(t0 > a && a > c && c > y).toBe(true);
    const places = layout.x.map((x, i) => `${x} ${layout.y[i]}`);
    expect(new Set(places).size).toBe(graph.nodes.length);
    layout.x.forEach((x, i) => {
      expect(x > 0 && x < layout.width).toBe(true);
      expect(layout.y[i]! > 0 && layout.y[i]! < layout.height).toBe(true);
      const { x: left, width } = layout.columns[graph.nodes[i]!.pos]!;
      expect(x > left && x < left + width).toBe(true);
    });
    expect(layout.width).toBeCloseTo(400, 6); // all of the room
  });

  it("puts many nodes of a cell into lines within their row", () => {
    const many = Array.from({ length: 21 }, (_, i) => node(`n${i}`, "feature", 0, 0, 0.1));
    const shown = shownGraph({ nodes: many, links: [] }, { threshold: 1, ...NONE });
    const full = graphLayout(shown, { tokens: ["x", "y"], layers: 1 }, 300, 16);
    expect(new Set(full.y).size).toBe(5);
    const row = full.rows[1]!;
    for (const y of full.y) expect(y > row.y && y < row.y + row.height).toBe(true);
  });

  it("is walked by arrows", () => {
    const name = (from: string, key: string) =>
      graph.nodes[moveInGraph(layout, idsOf(graph).indexOf(from), key)!]!.id;
    expect(name("a", "ArrowRight")).toBe("b");
    expect(name("b", "ArrowRight")).toBe("b");
    expect(name("b", "ArrowUp")).toBe("c");
    expect(name("c", "ArrowUp")).toBe("y");
    expect(name("y", "ArrowUp")).toBe("y");
    expect(name("c", "ArrowDown")).toMatch(/[ab]/);
    expect(moveInGraph(layout, 0, "x")).toBeNull();
  });

  it("tells what comes in and goes out, strongest first, with shares of each side", () => {
    const { inputs, outputs } = connections(graph, 4);
    expect(inputs).toEqual([
      { node: 2, weight: -3, share: 0.75 },
      { node: 3, weight: 1, share: 0.25 },
    ]);
    expect(outputs).toEqual([{ node: 5, weight: 5, share: 1 }]);
  });
});
