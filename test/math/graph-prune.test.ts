/** Pruning against graphs worked out by hand, and against the same by sorting and by looking again and again. */
import { describe, expect, it } from "vitest";
import type { AttributionGraph, NodeRoles } from "../../src/math/graph-influence.ts";
import { cumulativeShares, cutAt, pruneGraph } from "../../src/math/graph-prune.ts";
import { keyedRandom } from "../../src/math/keyed-random.ts";
import { finish, graphOf, rolesOf, type Row } from "./graphs.ts";

// token 0, error 1, feature 2, logit 3: the feature takes 3 : −1 of token and error, the logit 6 : 1 : −1 of feature, token, error.
const hand = graphOf(4, [
  [2, [0, 1], [3, -1]],
  [3, [2, 0, 1], [6, 1, -1]],
]);
const handRoles = rolesOf(["token", "error", "inner", "logit"], [0, 0, 0, 0.5]);
type Shares = { nodeShare: number; edgeShare: number };
const prune = (graph: AttributionGraph, roles: NodeRoles, shares: Shares) =>
  finish(pruneGraph(graph, roles, shares));

describe("the cut", () => {
  it.each([
    [[1, 5, 4], 0.5, 5],
    [[1, 5, 4], 0.51, 4],
    [[1, 5, 4], 0.91, 1],
    [[2, 2, 0, 2], 0.4, 2],
    [[3, 1e-300, 0], 1, 0],
    [[0, 0], 0.8, 0],
    [[], 0.8, 0],
  ])("of %j at %d is %d", (values, share, wanted) => {
    expect(finish(cutAt(Float64Array.from(values), share))).toBe(wanted);
  });

  it("is what sorting finds, over many magnitudes", () => {
    const random = keyedRandom(8);
    const values = Float64Array.from({ length: 3001 }, () => Math.exp(40 * random() - 30));
    const sorted = values.toSorted().reverse();
    const total = sorted.reduce((a, b) => a + b, 0);
    for (const share of [0.05, 0.3, 0.8, 0.98, 0.9999]) {
      let sum = 0;
      const wanted = sorted.find((v) => (sum += v) >= share * total);
      expect(finish(cutAt(values, share))).toBe(wanted);
    }
  });
});

describe("pruning", () => {
  it("keeps the nodes that have the share together, and tokens and logits always", () => {
    expect([...cumulativeShares(Float64Array.of(1, 5, 4))]).toEqual([1, 0.5, 0.9]);
    // All influence is 0.875: 0.375 and 0.34375 are 82 %, so the error goes.
    const { nodes, edges, cumulative } = prune(hand, handRoles, { nodeShare: 0.8, edgeShare: 1 });
    expect([...nodes]).toEqual([1, 0, 1, 1]);
    expect([...edges]).toEqual([1, 0, 1, 1, 0]);
    expect(cumulative[2]).toBeCloseTo(0.375 / 0.875, 12);
    expect(cumulative[1]).toBeCloseTo(1, 12);
    expect(cumulative[3]).toBe(0);
  });

  it("drops edges by what passes along them, and then what dangles", () => {
    // Features 1 ← token 0, 2 ← 1, and 3 ← token; the logit takes almost all of 3.
    const graph = graphOf(5, [
      [1, [0], [1]],
      [2, [1], [1]],
      [3, [0], [1]],
      [4, [2, 3], [1, 99]],
    ]);
    const roles = rolesOf(["token", "inner", "inner", "inner", "logit"], [0, 0, 0, 0, 1]);
    const { nodes, edges } = prune(graph, roles, { nodeShare: 1, edgeShare: 0.95 });
    expect([...nodes]).toEqual([1, 0, 0, 1, 1]);
    expect([...edges]).toEqual([0, 0, 1, 0, 1]);
    const all = prune(graph, roles, { nodeShare: 1, edgeShare: 1 });
    expect([...all.nodes]).toEqual([1, 1, 1, 1, 1]);
    expect([...all.edges]).toEqual([1, 1, 1, 1, 1]);
  });

  it("is what looking again and again comes to, on random graphs", () => {
    const random = keyedRandom(21);
    for (let round = 0; round < 20; round++) {
      const N = 24;
      const role = Array.from({ length: N }, (_, n) =>
        n < 3 ? "token" : n < 7 ? "error" : n >= N - 2 ? "logit" : "inner",
      ) satisfies NodeRoles["role"];
      const rows: Row[] = [];
      for (let t = 7; t < N; t++) {
        const source = Array.from({ length: Math.min(t, N - 2) }, (_, s) => s).filter(
          () => random() < 0.3,
        );
        rows.push([t, source, source.map(() => (random() - 0.5) * Math.exp(4 * random()))]);
      }
      const graph = graphOf(N, rows);
      const roles = rolesOf(
        role,
        role.map((of, n) => (of === "logit" ? 0.3 + n / 100 : 0)),
      );
      for (const nodeShare of [0.5, 0.8, 1]) {
        for (const edgeShare of [0.6, 0.9, 1]) {
          const found = prune(graph, roles, { nodeShare, edgeShare });
          const wanted = slowPrune(rows, roles, { nodeShare, edgeShare });
          expect([...found.nodes]).toEqual(wanted.nodes);
          expect([...found.edges]).toEqual(wanted.edges);
        }
      }
    }
  });
});

/** With whole matrices and sorted lists, as circuit-tracer's text has it. */
function slowPrune(
  rows: readonly Row[],
  { role, weight }: NodeRoles,
  { nodeShare, edgeShare }: Shares,
) {
  const N = role.length;
  const A = Array.from({ length: N }, () => new Array<number>(N).fill(0));
  for (const [t, source, values] of rows) source.forEach((s, i) => (A[t]![s] = values[i]!));
  const shares = (M: number[][]) =>
    M.map((row) => {
      const sum = row.reduce((a, v) => a + Math.abs(v), 0);
      return row.map((v) => Math.abs(v) / Math.max(sum, 1e-10));
    });
  const influenceOf = (M: number[][]) => {
    const sum = new Array<number>(N).fill(0);
    let power = [...weight];
    for (let k = 0; k < N; k++) {
      power = sum.map((_, s) => power.reduce((a, v, t) => a + v * M[t]![s]!, 0));
      power.forEach((v, s) => (sum[s]! += v));
    }
    return sum;
  };
  const cut = (values: number[], share: number) => {
    if (share === 1) return 0;
    const sorted = values.toSorted((a, b) => b - a);
    const total = sorted.reduce((a, b) => a + b, 0);
    let sum = 0;
    return sorted.find((v) => (sum += v) >= share * total)!;
  };
  const own = influenceOf(shares(A));
  const least = cut(own, nodeShare);
  const stays = (n: number) => role[n] === "token" || role[n] === "logit";
  // A rounding's breadth below the cut counts as at it.
  const nodes = own.map((v, n) => stays(n) || v >= least * (1 - 1e-12));
  const left = shares(A.map((row, t) => row.map((v, s) => (nodes[t] && nodes[s] ? v : 0))));
  const again = influenceOf(left);
  const scores = left.map((row, t) => row.map((v) => v * (again[t]! + weight[t]!)));
  const leastEdge = cut(scores.flat(), edgeShare);
  const edges = scores.map((row) => row.map((v) => v > 0 && v >= leastEdge * (1 - 1e-12)));
  for (let changed = true; changed;) {
    changed = false;
    for (let n = 0; n < N; n++) {
      if (!nodes[n] || stays(n)) continue;
      const into = edges[n]!.some((on, s) => on && nodes[s]);
      const out = edges.some((row, t) => row[n] && nodes[t]);
      if (out && (into || role[n] === "error")) continue;
      nodes[n] = false;
      changed = true;
    }
  }
  return {
    nodes: nodes.map(Number),
    edges: rows.flatMap(([t, source]) =>
      source.map((s) => Number(edges[t]![s] && nodes[t] && nodes[s])),
    ),
  };
}
