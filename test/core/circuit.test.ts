/** The graph of circuits: counted by hand and by the papers' figures; names both ways; dangling edges. */
import { describe, expect, it } from "vitest";
import {
  circuitGraph,
  edgeEnds,
  edgeName,
  nodesOf,
  parseEdge,
  pruneDangling,
} from "../../src/core/circuit.ts";

const small = circuitGraph({ n_layer: 2, n_head: 2 });
const maskOf = (...names: string[]) => {
  const mask = new Uint8Array(small.edges);
  for (const name of names) mask[parseEdge(small, name)] = 1;
  return mask;
};
const namesOf = (mask: Uint8Array) =>
  [...mask.keys()].filter((e) => mask[e]).map((e) => edgeName(small, e));

describe("the graph", () => {
  it("of GPT-2 small has the 157 senders and 32,491 edges of ACDC", () => {
    const graph = circuitGraph({ n_layer: 12, n_head: 12 });
    expect(graph.senders).toHaveLength(157);
    expect(graph.edges).toBe(32_491);
  });

  it("of two layers of two heads, by hand", () => {
    expect(small.senders.map(({ name }) => name)).toEqual(
      "input a0.h0 a0.h1 m0 a1.h0 a1.h1 m1".split(" "),
    );
    // 6 channels read the input alone, m0 three senders, 6 channels four, m1 six, the logits seven.
    expect(small.receivers.map(({ reads }) => reads)).toEqual([
      1, 1, 1, 1, 1, 1, 3, 4, 4, 4, 4, 4, 4, 6, 7,
    ]);
    expect(small.edges).toBe(6 + 3 + 24 + 6 + 7);
    expect(edgeEnds(small, 9)).toEqual({ sender: 0, receiver: 7 });
    expect(edgeName(small, 12)).toBe("m0->a1.h0<q>");
    expect(edgeName(small, small.edges - 1)).toBe("m1->logits");
  });

  it("reads every name it writes, and refuses all others", () => {
    for (let edge = 0; edge < small.edges; edge++) {
      expect(parseEdge(small, edgeName(small, edge))).toBe(edge);
    }
    for (const name of [
      "",
      "m0",
      "m1->m0",
      "m0->a0.h1<q>",
      "a0.h0->a1.h0",
      "a0.h0->a0.h1<k>",
      "logits->m1",
    ]) {
      expect(() => parseEdge(small, name)).toThrow("is no edge");
    }
    expect(() => edgeEnds(small, small.edges)).toThrow("edge 46 is not among 0 … 45");
  });
});

describe("dangling edges", () => {
  it("go where nothing comes from the input, and where nothing comes to the logits", () => {
    const mask = maskOf(
      ...["input->a0.h0<k>", "a0.h0->a1.h1<v>", "a1.h1->logits"],
      "a0.h1->a1.h1<q>", // nothing reaches a0.h1
      "a0.h0->m0", // m0 goes nowhere
      "input->a1.h0<q>",
    );
    const left = pruneDangling(small, mask);
    expect(namesOf(left)).toEqual(["input->a0.h0<k>", "a0.h0->a1.h1<v>", "a1.h1->logits"]);
    expect(nodesOf(small, left)).toEqual(["a0.h0", "a1.h1"]);
    expect(nodesOf(small, mask)).toEqual(["a0.h0", "a0.h1", "m0", "a1.h0", "a1.h1"]);
  });

  it("leave the whole graph and the empty one as they are", () => {
    const all = new Uint8Array(small.edges).fill(1);
    expect(pruneDangling(small, all)).toEqual(all);
    expect(pruneDangling(small, maskOf())).toEqual(maskOf());
  });
});
