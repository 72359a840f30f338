/** The rows that were computed as a graph: its nodes named, what was left out told, the whole scored. */
import type { CircuitFacts, GraphNode, GraphScores } from "../core/feature-circuit.ts";
import type { Sae } from "../math/feature-change.ts";
import {
  type AttributionGraph,
  attributionGraph,
  graphScores,
  type NodeRoles,
  type Steps,
} from "../math/graph-influence.ts";
import type { WeighedLogit } from "./circuit-logits.ts";
import type { CircuitNode } from "./circuit-nodes.ts";
import type { CircuitRow } from "./circuit-rows.ts";
import type { FrozenModel } from "./frozen-model.ts";

export interface NamedSae {
  id: string;
  name: string;
  sae: Sae;
}
/** What does not depend on the thresholds. */
export interface Attribution {
  nodes: readonly GraphNode[];
  graph: AttributionGraph;
  roles: NodeRoles;
  scores: GraphScores;
  facts: CircuitFacts;
  tokens: readonly string[];
}
interface Found {
  frozen: FrozenModel;
  nodes: readonly CircuitNode[];
  rows: Map<number, CircuitRow>;
  /** Features, heads and MLPs whose row was not computed. */
  left: ReadonlySet<number>;
  weight: Float64Array;
  saes: readonly NamedSae[];
  ids: readonly number[];
  strings: readonly string[];
  read: readonly WeighedLogit[];
}

/** Takes out what was not computed, names the rest, scores the whole. */
export function* keepComputed(found: Found, start: number): Steps<Attribution> {
  const { frozen, nodes, rows, left, weight, read } = found;
  const number = new Int32Array(nodes.length).fill(-1);
  let count = 0;
  nodes.forEach((_, n) => {
    if (!left.has(n)) number[n] = count++;
  });
  let [gone, all] = [0, 0];
  const kept = new Map<number, { source: number[]; weight: number[] }>();
  for (const [n, { source, weight: w }] of [...rows].sort(([a], [b]) => a - b)) {
    const own: { source: number[]; weight: number[] } = { source: [], weight: [] };
    let [sum, lost] = [0, 0];
    source.forEach((s, i) => {
      sum += Math.abs(w[i]!);
      if (number[s]! < 0) {
        lost += Math.abs(w[i]!);
        return;
      }
      own.source.push(number[s]!);
      own.weight.push(w[i]!);
    });
    kept.set(number[n]!, own);
    all += weight[n]!;
    if (sum > 0) gone += (weight[n]! * lost) / sum;
    yield;
  }
  const shown = nodes.flatMap((node, n) => (left.has(n) ? [] : [{ node, n }]));
  const graph = yield* attributionGraph(count, kept);
  const roles: NodeRoles = {
    weight: Float64Array.from(shown, ({ n }) => weight[n]!),
    role: shown.map(({ node: { kind } }) =>
      kind === "token" || kind === "logit" || kind === "error" ? kind : "inner",
    ),
  };
  const taken = new Set<string>();
  const named = shown.map(({ node, n }) => nameNode(node, n - nodes.length + read.length));
  function nameNode(node: CircuitNode, logit: number): GraphNode {
    const { kind, layer, pos, index, sae, value, effect } = node;
    const own = logit >= 0 ? read[logit]! : null;
    const token = kind === "token" ? found.ids[pos]! : index;
    const name = found.saes.find(({ id }) => id === sae?.id)?.name ?? "";
    return {
      id: uniqueId(kind, layer, token, pos),
      ...{ kind, layer, pos, index: token, sae: sae?.id ?? null },
      label: own?.name ?? labelOf(kind, layer, index, found.strings[pos]!, name),
      activation: kind === "logit" ? null : value,
      ...{ effect, influence: null, probability: own?.probability ?? null },
    };
  }
  function uniqueId(kind: CircuitNode["kind"], layer: number, index: number, pos: number): string {
    const plain = idOf(kind, layer, index, pos);
    let id = plain;
    // circuit-tracer's names of errors can be those of features of layer 0; several SAEs of a layer have the same numbers.
    for (let again = 2; taken.has(id); again++) id = `${plain}_${again}`;
    taken.add(id);
    return id;
  }
  const scores = yield* graphScores(graph, roles);
  const active = frozen.saes.flatMap(({ active }) => active.slice(frozen.skipFirst ? 1 : 0));
  return {
    ...{ nodes: named, graph, roles, scores, tokens: found.strings },
    facts: {
      features: active.reduce((sum, { features }) => sum + features.length, 0),
      candidates: left.size + rows.size - read.length,
      computed: rows.size - read.length,
      leftOut: all === 0 ? 0 : gone / all,
      nodes: count,
      edges: graph.weight.length,
      seconds: (performance.now() - start) / 1000,
    },
  };
}

/** Names as circuit-tracer's `create_graph_files.py` makes them; heads and MLPs are ours. */
function idOf(kind: CircuitNode["kind"], layer: number, index: number, pos: number): string {
  switch (kind) {
    case "token":
      return `E_${index}_${pos}`;
    case "feature":
      return `${layer}_${index}_${pos}`;
    case "error":
      return `0_${layer}_${pos}`;
    case "head":
      return `${layer}_H${index}_${pos}`;
    case "mlp":
      return `${layer}_MLP_${pos}`;
    case "logit":
      return `${layer + 1}_${index}_${pos}`;
  }
}

function labelOf(
  kind: CircuitNode["kind"],
  layer: number,
  index: number,
  token: string,
  sae: string,
): string {
  switch (kind) {
    case "token":
      return token;
    case "error":
      return `error of ${sae}`;
    case "head":
      return `L${layer}H${index}`;
    case "mlp":
      return `MLP ${layer}`;
    case "feature":
    case "logit":
      return "";
  }
}
