import { expect, it } from "vitest";
import {
  edgePath,
  edgesFrom,
  edgeStrength,
  graphLayout,
  headEdges,
  moveHead,
  rowAsMatrix,
} from "../../src/charts/head-edges.ts";

const none = NaN;
// 3 layers of one head.
const VALUES = Float32Array.of(none, 0.25, 0.75, none, none, 0.5, none, none, none);

it("has an edge for every value, the strongest first, and draws no more than asked", () => {
  const edges = headEdges(VALUES, 3);
  expect(edges).toEqual([
    { from: 0, to: 2, value: 0.75 },
    { from: 1, to: 2, value: 0.5 },
    { from: 0, to: 1, value: 0.25 },
  ]);
  expect(edgesFrom(edges, 0.5, 9)).toEqual(edges.slice(0, 2));
  expect(edgesFrom(edges, 0, 2)).toEqual(edges.slice(0, 2));
  expect(edgesFrom(edges, 0.8, 9)).toEqual([]);
  expect(edgesFrom(edges, 0, 9)).toEqual(edges);
});

it("makes one head's row a matrix: what it reads in its column, what reads it in its row", () => {
  // 3 layers of 2 heads, head 3 = L1H1.
  const row = Float32Array.of(0.1, 0.2, none, none, 0.5, 0.6);
  const edges = headEdges(rowAsMatrix(row, 3, 2), 6);
  expect(edges.map(({ from, to }) => [from, to])).toEqual([
    [3, 5],
    [3, 4],
    [1, 3],
    [0, 3],
  ]);
});

it("lays out layers downwards and heads to the right; edges go from foot to top", () => {
  const layout = graphLayout(3, 4, 600, 16);
  expect(layout.at(4).y).toBeGreaterThan(layout.at(0).y + 2 * layout.radius);
  expect(layout.at(1).x - layout.at(0).x).toBeGreaterThan(2 * layout.radius);
  expect(layout.width).toBeLessThanOrEqual(600);
  expect(layout.at(11).y + layout.radius).toBeLessThan(layout.height);
  const path = edgePath(layout, { from: 0, to: 11, value: 1 });
  const { x, y } = layout.at(11);
  expect(path.startsWith(`M${layout.at(0).x},${layout.at(0).y + layout.radius} `)).toBe(true);
  expect(path.endsWith(` ${x},${y - layout.radius}`)).toBe(true);
  expect([edgeStrength(1, 1, 3), edgeStrength(2, 1, 3), edgeStrength(2, 2, 2)]).toEqual([
    0, 0.5, 1,
  ]);
});

it("walks from head to head and stays inside", () => {
  expect(moveHead(5, "ArrowUp", 3, 4)).toBe(1);
  expect(moveHead(1, "ArrowUp", 3, 4)).toBe(1);
  expect(moveHead(11, "ArrowRight", 3, 4)).toBe(11);
  expect(moveHead(6, "Home", 3, 4)).toBe(4);
  expect(moveHead(6, "x", 3, 4)).toBeNull();
});
