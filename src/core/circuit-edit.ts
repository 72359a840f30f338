/** A circuit's edges and nodes, set by hand. */
import { type CircuitGraph, edgeEnds, type EdgeMask } from "./circuit.ts";
import { LabError } from "./lab-error.ts";

export const withEdges = (mask: EdgeMask, edges: readonly number[], kept: boolean): EdgeMask => {
  const out = mask.slice();
  for (const edge of edges) out[edge] = kept ? 1 : 0;
  return out;
};

/** All edges of the graph that begin or end at one of the nodes. */
export function edgesAt({ senders, receivers }: CircuitGraph, nodes: readonly string[]): number[] {
  const names = new Set(nodes);
  return receivers.flatMap(({ node, reads, firstEdge }) =>
    Array.from({ length: reads }, (_, s) => s).flatMap((s) =>
      names.has(node.name) || names.has(senders[s]!.name) ? [firstEdge + s] : [],
    ),
  );
}

/**
 * The circuit with a node put in: by its strongest edges from and to what is in it already, or, where no edge has a score, from
 * the input (into a head by its value) and to the logits.
 * @throws LabError "bad-input" for a node that the graph has not
 */
export function withNode(
  graph: CircuitGraph,
  mask: EdgeMask,
  name: string,
  scores: Float64Array | null,
): EdgeMask {
  const { senders, receivers } = graph;
  const own = senders.findIndex((node) => node.name === name);
  if (own < 1) throw new LabError("bad-input", `"${name}" is no head or MLP of this model's graph`);
  const inside = new Set([senders[0]!.name, receivers.at(-1)!.node.name]);
  mask.forEach((kept, edge) => {
    if (!kept) return;
    const { sender, receiver } = edgeEnds(graph, edge);
    inside.add(senders[sender]!.name).add(receivers[receiver]!.node.name);
  });
  const size = (edge: number) => Math.abs(scores?.[edge] ?? 0) || 0;
  const strongest = (edges: readonly number[]) =>
    edges.reduce((best, edge) => (size(edge) > size(best) ? edge : best), edges[0]!);
  const into = receivers.flatMap(({ node, channel, reads, firstEdge }) =>
    node.name !== name || (channel !== null && channel !== "v" && !scores)
      ? []
      : Array.from({ length: reads }, (_, s) => s).flatMap((s) =>
          inside.has(senders[s]!.name) ? [firstEdge + s] : [],
        ),
  );
  const out = receivers.flatMap(({ node, reads, firstEdge }) =>
    own < reads && inside.has(node.name) ? [firstEdge + own] : [],
  );
  return withEdges(mask, [strongest(into), scores ? strongest(out) : out.at(-1)!], true);
}
