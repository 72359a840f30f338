/**
 * The graph that circuits are cut from, as in ACDC and EAP: what writes into the residual stream (the embeddings, each head, each
 * MLP) has an edge to each thing after it that reads the stream: a head's q, k and v each, an MLP, the logits.
 * Names: `input`, `a3.h4`, `m5`, `logits`; edges `a0.h1->a3.h4<q>`, `m0->logits`.
 * GPT-2 small has 157 senders and 32,491 edges (ACDC counts 432 more, from each head's q, k, v to the head, that are always there).
 */
import { LabError } from "./lab-error.ts";
import type { Gpt2Config } from "./types.ts";

export const CHANNELS = ["q", "k", "v"] as const;
export type Channel = (typeof CHANNELS)[number];

/** `head` is null for an MLP; `layer` is −1 for the input, and `n_layer` for the logits. */
export interface CircuitNode {
  name: string;
  layer: number;
  head: number | null;
}
export interface Receiver {
  node: CircuitNode;
  /** Of heads; null for MLPs and the logits. */
  channel: Channel | null;
  /** It reads the senders 0 … reads − 1. */
  reads: number;
  /** The number of its edge from sender 0; the others follow. */
  firstEdge: number;
}
export interface CircuitGraph {
  /** What writes, in forward order: input, then of each layer its heads and its MLP. */
  senders: readonly CircuitNode[];
  /** What reads, in forward order: of each layer q, k, v of each head in turn, then its MLP; at last the logits. */
  receivers: readonly Receiver[];
  /** How many edges there are; they are numbered by receiver, then by sender. */
  edges: number;
}

export function circuitGraph({
  n_layer,
  n_head,
}: Pick<Gpt2Config, "n_layer" | "n_head">): CircuitGraph {
  const senders: CircuitNode[] = [{ name: "input", layer: -1, head: null }];
  const receivers: Receiver[] = [];
  let edges = 0;
  const receive = (node: CircuitNode, channel: Channel | null, reads: number) => {
    receivers.push({ node, channel, reads, firstEdge: edges });
    edges += reads;
  };
  for (let layer = 0; layer < n_layer; layer++) {
    const before = senders.length;
    for (let head = 0; head < n_head; head++) {
      const node = { name: `a${layer}.h${head}`, layer, head };
      for (const channel of CHANNELS) receive(node, channel, before);
      senders.push(node);
    }
    const mlp = { name: `m${layer}`, layer, head: null };
    receive(mlp, null, senders.length);
    senders.push(mlp);
  }
  receive({ name: "logits", layer: n_layer, head: null }, null, senders.length);
  return { senders, receivers, edges };
}

export interface EdgeEnds {
  sender: number;
  receiver: number;
}

/** @throws LabError "bad-input" for an edge that there is not */
export function edgeEnds({ receivers, edges }: CircuitGraph, edge: number): EdgeEnds {
  if (!Number.isInteger(edge) || edge < 0 || edge >= edges) {
    throw new LabError("bad-input", `edge ${edge} is not among 0 … ${edges - 1}`);
  }
  let [low, high] = [0, receivers.length - 1]; // the last receiver whose first edge is not after it
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (receivers[middle]!.firstEdge <= edge) low = middle;
    else high = middle - 1;
  }
  return { sender: edge - receivers[low]!.firstEdge, receiver: low };
}

/** "a0.h1->a3.h4<q>" */
export function edgeName(graph: CircuitGraph, edge: number): string {
  const { sender, receiver } = edgeEnds(graph, edge);
  const { node, channel } = graph.receivers[receiver]!;
  return `${graph.senders[sender]!.name}->${node.name}${channel ? `<${channel}>` : ""}`;
}

/** The number of an edge by its name. @throws LabError "bad-input" */
export function parseEdge(graph: CircuitGraph, name: string): number {
  const [from, to] = name.split("->");
  const sender = graph.senders.findIndex((node) => node.name === from);
  const receiver = graph.receivers.find(
    ({ node, channel }) => to === `${node.name}${channel ? `<${channel}>` : ""}`,
  );
  if (!receiver || sender < 0 || sender >= receiver.reads) {
    throw new LabError("bad-input", `"${name}" is no edge of this model's graph`);
  }
  return receiver.firstEdge + sender;
}

/** A circuit: of each edge of the graph, 1 if it is kept and 0 if what it carries is corrupted. */
export type EdgeMask = Uint8Array;

/**
 * The same edges without those that do nothing: a sender is kept only if an edge of its own is reached from the input, and a
 * receiver only if something of it comes to the logits.
 * Per head, a q, k or v that is kept is enough for the head to be reached.
 */
export function pruneDangling(graph: CircuitGraph, mask: EdgeMask): EdgeMask {
  const { senders, receivers } = graph;
  const names = new Map(senders.map(({ name }, i) => [name, i]));
  const reached = new Uint8Array(senders.length);
  reached[0] = 1;
  // Receivers come in forward order, so all senders that one reads are settled before it.
  for (const { node, reads, firstEdge } of receivers) {
    const own = names.get(node.name);
    if (own === undefined) continue;
    for (let s = 0; s < reads; s++) if (mask[firstEdge + s] && reached[s]) reached[own] = 1;
  }
  const useful = new Uint8Array(senders.length);
  const pruned = new Uint8Array(mask.length);
  for (const { node, reads, firstEdge } of [...receivers].reverse()) {
    const own = names.get(node.name);
    if (own !== undefined && !useful[own]) continue;
    for (let s = 0; s < reads; s++) {
      if (mask[firstEdge + s] && reached[s]) pruned[firstEdge + s] = useful[s] = 1;
    }
  }
  return pruned;
}

/** Names of the heads and MLPs that an edge begins or ends at, in forward order. */
export function nodesOf({ senders, receivers }: CircuitGraph, mask: EdgeMask): string[] {
  const names = new Set<string>();
  for (const { node, reads, firstEdge } of receivers) {
    for (let s = 0; s < reads; s++) {
      if (mask[firstEdge + s]) names.add(senders[s]!.name).add(node.name);
    }
  }
  return senders.flatMap(({ name, layer }) => (layer >= 0 && names.has(name) ? [name] : []));
}
