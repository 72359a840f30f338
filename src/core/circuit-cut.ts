/** Circuits cut out of the graph by the scores of its edges: all from a threshold on, or so many, the strongest first. */
import type { CircuitGraph, EdgeMask } from "./circuit.ts";
import { LabError } from "./lab-error.ts";
import type { TaskMetric } from "./task.ts";

/** absolute: |score|. helps: what the metric loses when the edge is corrupted, so that edges that work against it are left out. */
export const CUT_SIGNS = ["absolute", "helps"] as const;
export type CutSign = (typeof CUT_SIGNS)[number];

/** threshold: all edges from τ on. greedy: from the logits on, always the strongest edge into what is in the circuit already. */
export const CUT_ORDERS = ["threshold", "greedy"] as const;
export type CutOrder = (typeof CUT_ORDERS)[number];

/**
 * How strong each edge is, from its score: what corrupting it adds to the metric. Of the KL, a rank and other metrics that are
 * better when they are small an edge helps where that is positive. NaN stays NaN: such an edge is in no cut.
 */
export function edgeStrengths(
  scores: Float64Array,
  sign: CutSign,
  metric: TaskMetric,
): Float64Array {
  if (sign === "absolute") return scores.map(Math.abs);
  return metric === "kl" || metric === "rank" ? scores.slice() : scores.map((score) => -score);
}

export const thresholdMask = (strengths: Float64Array, threshold: number): EdgeMask =>
  Uint8Array.from(strengths, (strength) => (strength >= threshold ? 1 : 0));

/** Edges with a positive strength, the strongest first; of equal ones the earlier. */
export function strongestFirst(strengths: Float64Array): Uint32Array {
  const edges = [...strengths.keys()].filter((edge) => strengths[edge]! > 0);
  return Uint32Array.from(edges.sort((a, b) => strengths[b]! - strengths[a]! || a - b));
}

/**
 * Edges in the order in which a greedy search from the logits takes them (Hanna, Pezzelle and Belinkov 2024): of all edges into
 * a node that is in the circuit the strongest, whose sender is in it from then on. Only positive strengths.
 * @param most edges that are taken
 */
export function greedyOrder(
  graph: CircuitGraph,
  strengths: Float64Array,
  most = Infinity,
): Uint32Array {
  const { senders, receivers } = graph;
  /** Of each node's name: its receivers' edges, the strongest first, and how many of them are taken. */
  const waiting = new Map<string, { edges: Uint32Array; sender: (edge: number) => number }[]>();
  for (const { node, firstEdge, reads } of receivers) {
    const own = strongestFirst(strengths.subarray(firstEdge, firstEdge + reads));
    const entry = {
      edges: own.map((sender) => firstEdge + sender),
      sender: (edge: number) => edge - firstEdge,
    };
    waiting.set(node.name, [...(waiting.get(node.name) ?? []), entry]);
  }
  const open: { edges: Uint32Array; sender: (edge: number) => number; at: number }[] = [];
  const enter = (name: string) => {
    for (const entry of waiting.get(name) ?? []) {
      if (entry.edges.length > 0) open.push({ ...entry, at: 0 });
    }
    waiting.delete(name);
  };
  enter(receivers.at(-1)!.node.name);
  const taken: number[] = [];
  while (open.length > 0 && taken.length < most) {
    let best = 0;
    for (let i = 1; i < open.length; i++) {
      const [a, b] = [open[best]!, open[i]!];
      if (strengths[b.edges[b.at]!]! > strengths[a.edges[a.at]!]!) best = i;
    }
    const from = open[best]!;
    const edge = from.edges[from.at++]!;
    taken.push(edge);
    if (from.at === from.edges.length) open.splice(best, 1);
    enter(senders[from.sender(edge)]!.name);
  }
  return Uint32Array.from(taken);
}

/** The first edges of an order. @throws LabError "bad-input" for no whole number */
export function firstEdges(order: Uint32Array, count: number, edges: number): EdgeMask {
  if (!Number.isInteger(count) || count < 0) {
    throw new LabError("bad-input", `a circuit has a whole number of edges, not ${count}`);
  }
  const mask = new Uint8Array(edges);
  for (const edge of order.subarray(0, count)) mask[edge] = 1;
  return mask;
}
