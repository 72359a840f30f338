/**
 * What of an attribution graph to keep: circuit-tracer's two thresholds (`graph.py`: prune_graph, compute_edge_influence), in steps.
 */
import {
  type AttributionGraph,
  eachTarget,
  influence,
  type NodeRoles,
  normalisedRows,
  type Steps,
} from "./graph-influence.ts";

/** Of each value the share of the sum that it and all larger ones make; all 0 if the sum is. */
export function cumulativeShares(values: Float64Array): Float64Array {
  const order = Array.from(values.keys()).sort((a, b) => values[b]! - values[a]!);
  const total = values.reduce((sum, v) => sum + v, 0);
  const out = new Float64Array(values.length);
  let sum = 0;
  for (const i of order) {
    sum += values[i]!;
    out[i] = total === 0 ? 0 : sum / total;
  }
  return out;
}

const BUCKETS = 2 ** 15; // by exponent and the first four bits after the point
const PIECE = 200_000; // values between two yields

/**
 * The value at which the largest values first sum up to `share` of all: what is smaller goes. 0 where all are to stay.
 * Millions of values are not sorted in a piece: they are summed by magnitude, and only those about the cut are sorted.
 * @param values ≥ 0
 */
export function* cutAt(values: Float64Array, share: number): Steps<number> {
  if (share >= 1) return 0;
  const high = new Uint32Array(values.buffer, values.byteOffset, 2 * values.length);
  const bucketOf = (i: number) => high[2 * i + 1]! >>> 16; // little-endian; the sign is 0
  const sums = new Float64Array(BUCKETS);
  let total = 0;
  for (let i = 0; i < values.length; i++) {
    sums[bucketOf(i)]! += values[i]!;
    total += values[i]!;
    if (i % PIECE === PIECE - 1) yield;
  }
  let [bucket, above] = [BUCKETS - 1, 0];
  while (bucket > 0 && above + sums[bucket]! < share * total) above += sums[bucket--]!;
  const near: number[] = [];
  for (let i = 0; i < values.length; i++) {
    if (bucketOf(i) === bucket) near.push(values[i]!);
    if (i % PIECE === PIECE - 1) yield;
  }
  const sorted = Float64Array.from(near).sort().reverse();
  for (const v of sorted) {
    above += v;
    if (above >= share * total) return v;
  }
  return sorted.at(-1) ?? 0;
}

export interface PrunedGraph {
  nodes: Uint8Array;
  edges: Uint8Array;
  /** I of the whole graph. */
  influence: Float64Array;
  /** Cumulative share of I at the node's rank; a logit's is 0. "influence ≤ threshold" keeps the strongest. */
  cumulative: Float64Array;
}

/**
 * Nodes: the most influential that together have `nodeShare` of all influence; tokens and logits always. Edges among them:
 * Ā_pruned[t, s]·(I_t + w_t), the largest that together have `edgeShare`. Then, until nothing changes, what has no edge out, or
 * is no error and has none in, goes.
 */
export function* pruneGraph(
  graph: AttributionGraph,
  { weight: w_N, role }: NodeRoles,
  { nodeShare, edgeShare }: { nodeShare: number; edgeShare: number },
): Steps<PrunedGraph> {
  const { source } = graph;
  const whole = yield* influence(graph, yield* normalisedRows(graph), w_N);
  const least = yield* cutAt(whole, nodeShare);
  const stays = (n: number) => role[n] === "token" || role[n] === "logit";
  const nodes = Uint8Array.from(whole, (v, n) => Number(v >= least || stays(n)));

  const kept = graph.weight.slice();
  yield* eachTarget(graph, "first", (t, first, end) => {
    for (let e = first; e < end; e++) if (!nodes[t] || !nodes[source[e]!]) kept[e] = 0;
  });
  const share = yield* normalisedRows({ ...graph, weight: kept });
  const own = yield* influence(graph, share, w_N);
  const scores = share; // edge by edge in the same place
  yield* eachTarget(graph, "first", (t, first, end) => {
    for (let e = first; e < end; e++) scores[e]! *= own[t]! + w_N[t]!;
  });
  const leastEdge = yield* cutAt(scores, edgeShare);
  const edges = new Uint8Array(scores.length);
  yield* eachTarget(graph, "first", (_, first, end) => {
    for (let e = first; e < end; e++) edges[e] = Number(scores[e]! > 0 && scores[e]! >= leastEdge);
  });
  yield* dropDangling(graph, role, { nodes, edges });
  const cumulative = cumulativeShares(whole);
  role.forEach((of, n) => {
    if (of === "logit") cumulative[n] = 0;
  });
  return { nodes, edges, influence: whole, cumulative };
}

/** Edges go forward, so that a pass from the first finds all that nothing comes into, and one from the last all that gives to nothing. */
function* dropDangling(
  graph: AttributionGraph,
  role: NodeRoles["role"],
  { nodes, edges }: Pick<PrunedGraph, "nodes" | "edges">,
): Steps<void> {
  const { source } = graph;
  const stays = (n: number) => role[n] === "token" || role[n] === "logit";
  for (let changed = true; changed;) {
    changed = false;
    const drop = (n: number) => {
      nodes[n] = 0;
      changed = true;
    };
    const needsIn = (n: number) => nodes[n] && !stays(n) && role[n] !== "error";
    yield* eachTarget(graph, "first", (t, first, end) => {
      let some = false;
      for (let e = first; e < end; e++) {
        if (edges[e] && nodes[t] && nodes[source[e]!]) some = true;
        else edges[e] = 0;
      }
      if (!some && needsIn(t)) drop(t);
    });
    const hasOut = new Uint8Array(graph.nodes);
    yield* eachTarget(graph, "last", (t, first, end) => {
      if (nodes[t] && !stays(t) && !hasOut[t]) drop(t);
      for (let e = first; e < end; e++) {
        if (!nodes[t]) edges[e] = 0;
        else if (edges[e]) hasOut[source[e]!] = 1;
      }
    });
  }
}
