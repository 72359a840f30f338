/** Cuts by threshold and greedily; agreement and its curve by hand, and against cutting at every τ. */
import { describe, expect, it } from "vitest";
import {
  circuitGraph,
  edgeEnds,
  edgeName,
  nodesOf,
  parseEdge,
  pruneDangling,
} from "../../src/core/circuit.ts";
import {
  edgeStrengths,
  firstEdges,
  greedyOrder,
  strongestFirst,
  thresholdMask,
} from "../../src/core/circuit-cut.ts";
import { keyedRandom } from "../../src/math/keyed-random.ts";
import { agreementOf, keptAt, rocOf } from "../../src/math/circuit-agreement.ts";

const graph = circuitGraph({ n_layer: 2, n_head: 2 });
const withScores = (scores: Record<string, number>) => {
  const out = new Float64Array(graph.edges);
  for (const [name, score] of Object.entries(scores)) out[parseEdge(graph, name)] = score;
  return out;
};
const names = (edges: Iterable<number>) => [...edges].map((edge) => edgeName(graph, edge));

describe("cuts", () => {
  const scores = withScores({
    "a1.h0->logits": -3,
    "m0->a1.h0<q>": 2,
    "input->m0": -1,
    "a0.h0->m1": -9,
  });
  it("by threshold, by size or by what helps", () => {
    const absolute = edgeStrengths(scores, "absolute", "logitDiff");
    expect(names(strongestFirst(absolute))).toEqual([
      "a0.h0->m1",
      "a1.h0->logits",
      "m0->a1.h0<q>",
      "input->m0",
    ]);
    expect(thresholdMask(absolute, 2).reduce((a, b) => a + b)).toBe(3);
    const helps = edgeStrengths(scores, "helps", "logitDiff");
    expect(names(strongestFirst(helps))).not.toContain("m0->a1.h0<q>");
    expect(names(strongestFirst(edgeStrengths(scores, "helps", "kl")))).toEqual(["m0->a1.h0<q>"]);
    const nan = edgeStrengths(Float64Array.of(NaN, -1), "absolute", "kl");
    expect([...thresholdMask(nan, 0)]).toEqual([0, 1]);
  });
  it("greedily from the logits: an edge waits until its receiver is in", () => {
    const order = greedyOrder(graph, edgeStrengths(scores, "absolute", "logitDiff"));
    expect(names(order)).toEqual(["a1.h0->logits", "m0->a1.h0<q>", "input->m0"]);
    const mask = firstEdges(order, 2, graph.edges);
    expect(mask.reduce((a, b) => a + b)).toBe(2);
    expect(() => firstEdges(order, 1.5, graph.edges)).toThrow(/1.5/);
  });
  it("all strengths positive: a greedy search takes every edge, each after one that its receiver sends by", () => {
    const random = keyedRandom(4);
    const strengths = Float64Array.from({ length: graph.edges }, () => 0.1 + random());
    const order = greedyOrder(graph, strengths);
    expect(new Set(order).size).toBe(graph.edges);
    const inside = new Set(["logits"]);
    for (const edge of order) {
      const { sender, receiver } = edgeEnds(graph, edge);
      expect(inside).toContain(graph.receivers[receiver]!.node.name);
      inside.add(graph.senders[sender]!.name);
    }
  });
});

describe("what is kept at which τ", () => {
  it.each([1, 2, 3, 4])("is what cutting at every τ says, seed %i", (seed) => {
    const random = keyedRandom(seed);
    const strengths = Float64Array.from({ length: graph.edges }, () =>
      random() < 0.5 ? NaN : (Math.floor(20 * random()) - 3) / 4,
    );
    const { nodes, edges } = keptAt(graph, strengths);
    const largest = graph.senders.map(() => -Infinity);
    const largestEdge = new Array<number>(graph.edges).fill(-Infinity);
    for (let quarter = -12; quarter <= 20 * 4; quarter++) {
      const mask = pruneDangling(graph, thresholdMask(strengths, quarter / 4));
      const inside = new Set(nodesOf(graph, mask));
      graph.senders.forEach(({ name }, s) => {
        if (inside.has(name)) largest[s] = quarter / 4;
      });
      mask.forEach((kept, edge) => {
        if (kept) largestEdge[edge] = quarter / 4;
      });
    }
    expect([...nodes].slice(1)).toEqual(largest.slice(1));
    expect([...edges]).toEqual(largestEdge);
    expect(largest.filter((value) => value > 0).length).toBeGreaterThan(0);
  });
});

describe("agreement", () => {
  it("by hand", () => {
    expect(agreementOf([1, 1, 1, 0, 0, 0], [1, 0, 0, 1, 0, 0])).toEqual({
      ...{ both: 1, extra: 2, missed: 1 },
      ...{ precision: 1 / 3, recall: 1 / 2, f1: 2 / 5 },
    });
    expect(agreementOf([0, 0], [0, 1])).toMatchObject({ precision: null, recall: 0, f1: 0 });
    expect(agreementOf([0], [0])).toMatchObject({ precision: null, recall: null, f1: null });
    expect(() => agreementOf([1], [1, 0])).toThrow(/1 things/);
  });
  it("the curve: a tie is one step, and its area counts it half", () => {
    // Pairs (in the truth, not): (5, 5) ½, (5, 1) 1, (−∞, 5) 0, (−∞, 1) 0.
    const { points, auc } = rocOf([5, 5, 1, -Infinity], [1, 0, 0, 1]);
    expect(points.map(({ falseRate, trueRate }) => [falseRate, trueRate])).toEqual([
      [0, 0],
      [0.5, 0.5],
      [1, 0.5],
      [1, 1],
    ]);
    expect(auc).toBeCloseTo(1.5 / 4, 12);
    expect(rocOf([3, 2, 1], [1, 1, 0]).auc).toBe(1);
    expect(() => rocOf([3, 2], [1, 1])).toThrow(/of 2 things 2/);
  });
  it("the area is the share of pairs in the right order", () => {
    const random = keyedRandom(9);
    const scores = Array.from({ length: 40 }, () => Math.floor(6 * random()));
    const truth = scores.map((score) => (random() < score / 8 ? 1 : 0));
    let [sum, pairs] = [0, 0];
    scores.forEach((a, i) =>
      scores.forEach((b, j) => {
        if (!truth[i] || truth[j]) return;
        pairs++;
        sum += a > b ? 1 : a === b ? 0.5 : 0;
      }),
    );
    expect(rocOf(scores, truth).auc).toBeCloseTo(sum / pairs, 12);
  });
});
