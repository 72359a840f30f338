/**
 * How much the nodes of an attribution graph matter for its logits, and what of it to keep. Definitions and thresholds are those
 * of circuit-tracer (`graph.py`: normalize_matrix, compute_influence, compute_edge_influence, prune_graph, compute_graph_scores).
 *
 * Ā = |A| with each row (target) divided by its sum; w the logits' probabilities, 0 elsewhere.
 * influence I = w(Ā + Ā² + …) = w((1 − Ā)⁻¹ − 1): unitless, ≥ 0.
 * Nodes are numbered forward: every edge goes from a lower to a higher number, so that one pass from the end sums the series.
 */
import type { GraphScores } from "../core/feature-circuit.ts";
import { LabError } from "../core/lab-error.ts";

/** Edges target by target: those into t are firstEdge[t] … firstEdge[t + 1] − 1. */
export interface AttributionGraph {
  nodes: number;
  firstEdge: Int32Array; // [nodes + 1]
  source: Int32Array;
  weight: Float64Array;
}
/** What pruning and scores must know of each node. */
export interface NodeRoles {
  /** w: a logit's weight, 0 of what is no logit; [nodes]. */
  weight: Float64Array;
  /** Tokens and logits stay; errors need an edge out, all others one in and one out. */
  role: readonly ("token" | "logit" | "error" | "inner")[];
}
/** @throws LabError "bad-input" for an edge that does not go forward, "degenerate" for a weight that is no number */
export function attributionGraph(
  nodes: number,
  rows: ReadonlyMap<number, { source: ArrayLike<number>; weight: ArrayLike<number> }>,
): AttributionGraph {
  const firstEdge = new Int32Array(nodes + 1);
  for (let t = 0; t < nodes; t++) {
    firstEdge[t + 1] = firstEdge[t]! + (rows.get(t)?.source.length ?? 0);
  }
  const source = new Int32Array(firstEdge[nodes]!);
  const weight = new Float64Array(firstEdge[nodes]!);
  for (const [t, row] of rows) {
    for (let i = 0; i < row.source.length; i++) {
      const [s, v] = [row.source[i]!, row.weight[i]!];
      if (s >= t) throw new LabError("bad-input", `the edge ${s} → ${t} does not go forward`);
      if (!Number.isFinite(v)) {
        throw new LabError("degenerate", `the attribution of node ${t} to node ${s} is ${v}`);
      }
      source[firstEdge[t]! + i] = s;
      weight[firstEdge[t]! + i] = v;
    }
  }
  return { nodes, firstEdge, source, weight };
}

const LEAST_SUM = 1e-10; // circuit-tracer's clamp of a row's sum

/** Ā, edge by edge. */
export function normalisedRows({ nodes, firstEdge, weight }: AttributionGraph): Float64Array {
  const out = new Float64Array(weight.length);
  for (let t = 0; t < nodes; t++) {
    let sum = 0;
    for (let e = firstEdge[t]!; e < firstEdge[t + 1]!; e++) sum += Math.abs(weight[e]!);
    const divisor = Math.max(sum, LEAST_SUM);
    for (let e = firstEdge[t]!; e < firstEdge[t + 1]!; e++) out[e] = Math.abs(weight[e]!) / divisor;
  }
  return out;
}

/** I. @param share Ā, edge by edge @param w_N the logits' weights @returns [nodes] */
export function influence(
  { nodes, firstEdge, source }: AttributionGraph,
  share: Float64Array,
  w_N: Float64Array,
): Float64Array {
  const out = new Float64Array(nodes);
  for (let t = nodes - 1; t >= 0; t--) {
    const own = out[t]! + w_N[t]!;
    if (own === 0) continue;
    for (let e = firstEdge[t]!; e < firstEdge[t + 1]!; e++) out[source[e]!]! += own * share[e]!;
  }
  return out;
}

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

/** The value at which the largest values first sum up to `share` of all: what is smaller goes. */
function cutAt(values: Float64Array, share: number): number {
  const sorted = values.toSorted().reverse();
  const total = sorted.reduce((sum, v) => sum + v, 0);
  let sum = 0;
  for (const v of sorted) {
    sum += v;
    if (sum >= share * total) return v;
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
export function pruneGraph(
  graph: AttributionGraph,
  { weight: w_N, role }: NodeRoles,
  { nodeShare, edgeShare }: { nodeShare: number; edgeShare: number },
): PrunedGraph {
  const { nodes: N, firstEdge, source } = graph;
  const whole = influence(graph, normalisedRows(graph), w_N);
  const least = cutAt(whole, nodeShare);
  const stays = (n: number) => role[n] === "token" || role[n] === "logit";
  const nodes = Uint8Array.from(whole, (v, n) => Number(v >= least || stays(n)));

  const kept = graph.weight.slice();
  eachEdge(graph, (e, t) => {
    if (!nodes[t] || !nodes[source[e]!]) kept[e] = 0;
  });
  const share = normalisedRows({ ...graph, weight: kept });
  const own = influence(graph, share, w_N);
  const scores = new Float64Array(share.length);
  eachEdge(graph, (e, t) => (scores[e] = share[e]! * (own[t]! + w_N[t]!)));
  const leastEdge = cutAt(scores, edgeShare);
  const edges = Uint8Array.from(scores, (v) => Number(v > 0 && v >= leastEdge));

  for (let changed = true; changed;) {
    changed = false;
    const hasOut = new Uint8Array(N);
    const hasIn = new Uint8Array(N);
    eachEdge(graph, (e, t) => {
      if (edges[e]) hasOut[source[e]!] = hasIn[t] = 1;
    });
    for (let n = 0; n < N; n++) {
      if (!nodes[n] || stays(n)) continue;
      if (hasOut[n] && (hasIn[n] || role[n] === "error")) continue;
      nodes[n] = 0;
      changed = true;
    }
    eachEdge(graph, (e, t) => {
      if (!nodes[t] || !nodes[source[e]!]) edges[e] = 0;
    });
  }
  const cumulative = cumulativeShares(whole);
  role.forEach((of, n) => {
    if (of === "logit") cumulative[n] = 0;
  });
  return { nodes, edges, influence: whole, cumulative };

  function eachEdge({ firstEdge: first }: AttributionGraph, of: (e: number, t: number) => void) {
    for (let t = 0; t < N; t++) {
      for (let e = firstEdge[t]!; e < first[t + 1]!; e++) of(e, t);
    }
  }
}

/** Of the whole graph, unpruned. A graph of errors alone: replacement 0, and completeness (I + 0)/(I + w), as circuit-tracer has it. */
export function graphScores(
  graph: AttributionGraph,
  { weight: w_N, role }: NodeRoles,
): GraphScores {
  const share = normalisedRows(graph);
  const I_N = influence(graph, share, w_N);
  const of = (which: string) => I_N.reduce((sum, v, n) => (role[n] === which ? sum + v : sum), 0);
  const [tokens, errors] = [of("token"), of("error")];
  let [explained, all] = [0, 0];
  for (let t = 0; t < graph.nodes; t++) {
    let inError = 0;
    for (let e = graph.firstEdge[t]!; e < graph.firstEdge[t + 1]!; e++) {
      if (role[graph.source[e]!] === "error") inError += share[e]!;
    }
    explained += (1 - inError) * (I_N[t]! + w_N[t]!);
    all += I_N[t]! + w_N[t]!;
  }
  return {
    replacement: tokens + errors === 0 ? null : tokens / (tokens + errors),
    completeness: all === 0 ? null : explained / all,
  };
}
