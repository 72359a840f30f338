/**
 * How much the nodes of an attribution graph matter for its logits. Definitions are those of circuit-tracer (`graph.py`:
 * normalize_matrix, compute_influence, compute_graph_scores). A graph of GPT-2 has millions of edges: all of it is done in steps.
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
/** Long work that yields now and then. */
export type Steps<T> = Generator<void, T>;

const STEP = 200_000; // edges between two yields: a few milliseconds

/** Calls `of` for each target with its edges e … end − 1, forwards or from the last one back. */
export function* eachTarget(
  { nodes, firstEdge }: Pick<AttributionGraph, "nodes" | "firstEdge">,
  from: "first" | "last",
  of: (target: number, e: number, end: number) => void,
): Steps<void> {
  let edges = 0;
  for (let i = 0; i < nodes; i++) {
    const t = from === "first" ? i : nodes - 1 - i;
    of(t, firstEdge[t]!, firstEdge[t + 1]!);
    edges += firstEdge[t + 1]! - firstEdge[t]!;
    if (edges < STEP) continue;
    edges = 0;
    yield;
  }
}

/** @throws LabError "bad-input" for an edge that does not go forward, "degenerate" for a weight that is no number */
export function* attributionGraph(
  nodes: number,
  rows: ReadonlyMap<number, { source: ArrayLike<number>; weight: ArrayLike<number> }>,
): Steps<AttributionGraph> {
  const firstEdge = new Int32Array(nodes + 1);
  for (let t = 0; t < nodes; t++) {
    firstEdge[t + 1] = firstEdge[t]! + (rows.get(t)?.source.length ?? 0);
  }
  const source = new Int32Array(firstEdge[nodes]!);
  const weight = new Float64Array(firstEdge[nodes]!);
  yield* eachTarget({ nodes, firstEdge }, "first", (t, first, end) => {
    const row = rows.get(t);
    for (let e = first; e < end; e++) {
      const [s, v] = [row!.source[e - first]!, row!.weight[e - first]!];
      if (s >= t) throw new LabError("bad-input", `the edge ${s} → ${t} does not go forward`);
      if (!Number.isFinite(v)) {
        throw new LabError("degenerate", `the attribution of node ${t} to node ${s} is ${v}`);
      }
      source[e] = s;
      weight[e] = v;
    }
  });
  return { nodes, firstEdge, source, weight };
}

const LEAST_SUM = 1e-10; // circuit-tracer's clamp of a row's sum

/** Ā, edge by edge. */
export function* normalisedRows(graph: AttributionGraph): Steps<Float64Array> {
  const { weight } = graph;
  const out = new Float64Array(weight.length);
  yield* eachTarget(graph, "first", (_, first, end) => {
    let sum = 0;
    for (let e = first; e < end; e++) sum += Math.abs(weight[e]!);
    const divisor = Math.max(sum, LEAST_SUM);
    for (let e = first; e < end; e++) out[e] = Math.abs(weight[e]!) / divisor;
  });
  return out;
}

/** I. @param share Ā, edge by edge @param w_N the logits' weights @returns [nodes] */
export function* influence(
  graph: AttributionGraph,
  share: Float64Array,
  w_N: Float64Array,
): Steps<Float64Array> {
  const out = new Float64Array(graph.nodes);
  yield* eachTarget(graph, "last", (t, first, end) => {
    const own = out[t]! + w_N[t]!;
    if (own === 0) return;
    for (let e = first; e < end; e++) out[graph.source[e]!]! += own * share[e]!;
  });
  return out;
}

/** Of the whole graph, unpruned. A graph of errors alone: replacement 0, and completeness (I + 0)/(I + w), as circuit-tracer has it. */
export function* graphScores(
  graph: AttributionGraph,
  { weight: w_N, role }: NodeRoles,
): Steps<GraphScores> {
  const share = yield* normalisedRows(graph);
  const I_N = yield* influence(graph, share, w_N);
  const of = (which: string) => I_N.reduce((sum, v, n) => (role[n] === which ? sum + v : sum), 0);
  const [tokens, errors] = [of("token"), of("error")];
  let [explained, all] = [0, 0];
  yield* eachTarget(graph, "first", (t, first, end) => {
    let inError = 0;
    for (let e = first; e < end; e++) {
      if (role[graph.source[e]!] === "error") inError += share[e]!;
    }
    explained += (1 - inError) * (I_N[t]! + w_N[t]!);
    all += I_N[t]! + w_N[t]!;
  });
  return {
    replacement: tokens + errors === 0 ? null : tokens / (tokens + errors),
    completeness: all === 0 ? null : explained / all,
  };
}
