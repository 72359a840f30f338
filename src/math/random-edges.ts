/** Circuits of edges by chance, as many as a given one has. */
import { type CircuitGraph, edgeEnds } from "../core/circuit.ts";
import type { RANDOM_EDGES_BY } from "../core/verify.ts";
import { permutation } from "./keyed-random.ts";

/** Paths that are drawn in vain before all is drawn anew, and how often that is done. */
const TRIES = 200;
const STARTS = 50;

/**
 * "paths": paths drawn backwards from the logits, at each node one of its readers and one sender by chance, until there are as
 * many edges; so that, unlike edges drawn one by one, they are connected (as in Shi et al. 2024, "Hypothesis Testing the Circuit
 * Hypothesis in LLMs"), unless nearly all edges there are were asked for. "layer": as many edges between each two layers as the
 * circuit has, MLPs apart.
 */
export function randomEdges(
  graph: CircuitGraph,
  edges: readonly number[],
  by: (typeof RANDOM_EDGES_BY)[number],
  random: () => number,
): number[] {
  return by === "paths" ? onPaths(graph, edges.length, random) : byLayers(graph, edges, random);
}

function onPaths({ senders, receivers, edges }: CircuitGraph, count: number, random: () => number) {
  const one = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)]!;
  const readers = new Map(
    senders.map(({ name }) => [name, receivers.filter(({ node }) => node.name === name)]),
  );
  const path = () => {
    const drawn: number[] = [];
    for (let reader = receivers.at(-1)!; ;) {
      const sender = Math.floor(random() * reader.reads);
      drawn.push(reader.firstEdge + sender);
      if (sender === 0) return drawn; // the input
      reader = one(readers.get(senders[sender]!.name)!);
    }
  };
  let found = new Set<number>();
  // What is left may be too few for any path: the one edge that is missing beside the one from the input to the logits.
  for (let start = 0; start < STARTS && found.size < count; start++) {
    found = new Set<number>();
    for (let tried = 0; tried < TRIES && found.size < count;) {
      const fresh = path().filter((edge) => !found.has(edge));
      if (fresh.length === 0 || found.size + fresh.length > count) tried++;
      else for (const edge of fresh) found.add(edge);
    }
  }
  for (const edge of permutation(edges, random)) {
    if (found.size >= count) break;
    found.add(edge);
  }
  return [...found];
}

function byLayers(graph: CircuitGraph, edges: readonly number[], random: () => number): number[] {
  const key = (edge: number) => {
    const { sender, receiver } = edgeEnds(graph, edge);
    const { node, channel } = graph.receivers[receiver]!;
    const from = graph.senders[sender]!;
    return `${from.layer} ${from.head === null} ${node.layer} ${channel === null}`;
  };
  const groups = new Map<string, number[]>();
  for (let edge = 0; edge < graph.edges; edge++) {
    const group = groups.get(key(edge));
    if (group) group.push(edge);
    else groups.set(key(edge), [edge]);
  }
  const counts = new Map<string, number>();
  for (const edge of edges) counts.set(key(edge), (counts.get(key(edge)) ?? 0) + 1);
  return [...counts].flatMap(([name, count]) => {
    const group = groups.get(name)!;
    return [...permutation(group.length, random)].slice(0, count).map((i) => group[i]!);
  });
}
