/** Random circuits of edges: as many, each once, and where they are said to be. */
import { describe, expect, it } from "vitest";
import { circuitGraph, edgeEnds, parseEdge, pruneDangling } from "../../src/core/circuit.ts";
import { RANDOM_EDGES_BY } from "../../src/core/verify.ts";
import { keyedRandom } from "../../src/math/keyed-random.ts";
import { randomEdges } from "../../src/math/random-edges.ts";

const graph = circuitGraph({ n_layer: 3, n_head: 2 });
const edges = [
  ...["input->a0.h1<q>", "input->a0.h1<v>", "a0.h1->m0", "m0->a2.h0<k>", "a2.h0->logits"],
  ...["m0->m1", "m1->logits"],
].map((name) => parseEdge(graph, name));

describe.each(RANDOM_EDGES_BY)("%s", (by) => {
  it("as many as the circuit has, each once, by the random numbers alone", () => {
    const drawn = new Set<string>();
    for (let seed = 0; seed < 40; seed++) {
      const found = randomEdges(graph, edges, by, keyedRandom(seed));
      expect(new Set(found).size).toBe(edges.length);
      expect(found.every((edge) => edge >= 0 && edge < graph.edges)).toBe(true);
      expect(randomEdges(graph, edges, by, keyedRandom(seed))).toEqual(found);
      drawn.add([...found].sort((a, b) => a - b).join());
    }
    expect(drawn.size).toBeGreaterThan(30);
    const all = Array.from({ length: graph.edges }, (_, edge) => edge);
    expect(randomEdges(graph, all, by, keyedRandom(1)).sort((a, b) => a - b)).toEqual(all);
  });
});

it("on paths: nothing dangles", () => {
  for (let seed = 0; seed < 40; seed++) {
    for (const count of [1, 2, 5, 20]) {
      const found = randomEdges(
        graph,
        edges.concat(edges, edges).slice(0, count),
        "paths",
        keyedRandom(seed),
      );
      const mask = new Uint8Array(graph.edges);
      for (const edge of found) mask[edge] = 1;
      expect(pruneDangling(graph, mask)).toEqual(mask);
    }
  }
});

it("same layers: as many between each two, MLPs apart", () => {
  const kinds = (list: readonly number[]) =>
    list
      .map((edge) => {
        const { sender, receiver } = edgeEnds(graph, edge);
        const { node, channel } = graph.receivers[receiver]!;
        return `${graph.senders[sender]!.name.replace(/h\d/, "")} ${node.name.replace(/h\d/, "")} ${channel === null}`;
      })
      .sort();
  for (let seed = 0; seed < 20; seed++) {
    expect(kinds(randomEdges(graph, edges, "layer", keyedRandom(seed)))).toEqual(kinds(edges));
  }
});
