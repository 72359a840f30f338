/**
 * Where the nodes and edges of a circuit lie: the input at the foot, the logits at the top, each layer's heads in a row, wrapped
 * where the room ends, its MLP beside them in a column of its own. In a row nodes stand near those that they are joined to. Pure.
 */
import type { Channel, CircuitGraph, EdgeMask } from "../core/circuit.ts";
import { CHANNELS, nodesOf } from "../core/circuit.ts";
import type { CircuitView } from "../core/circuit-view.ts";

export type CircuitNodeKind = "input" | "head" | "mlp" | "logits" | "group";
export interface DrawnNode {
  /** The graph's name, or the group's. */
  id: string;
  kind: CircuitNodeKind;
  /** "9.6", "MLP 3", "input" */
  label: string;
  /** Of a group. */
  members: readonly string[];
  /** Channels that an edge comes in by. */
  channels: readonly Channel[];
  /** Edges that come in and go out, drawn or not. */
  into: number;
  out: number;
  /** Its centre, and its size. */
  x: number;
  y: number;
  width: number;
  height: number;
  pinned: boolean;
}
export interface DrawnEdge {
  id: string;
  from: string;
  to: string;
  /** null into MLPs, logits and groups. */
  channel: Channel | null;
  /** Numbers of the graph's edges that it stands for: several between groups. */
  edges: readonly number[];
  /** Sum of their scores; null if one of them has none. */
  score: number | null;
  /** Width of the line, 1–7 px, by |score|. */
  width: number;
  path: string;
}
export interface CircuitLayout {
  width: number;
  height: number;
  nodes: readonly DrawnNode[];
  /** The weakest first: stronger ones lie above. */
  edges: readonly DrawnEdge[];
  /** Edges that are not drawn: the weakest where there are more than `MOST_DRAWN`. */
  left: number;
}
export interface LayoutQuestion {
  graph: CircuitGraph;
  mask: EdgeMask;
  scores: Float64Array | null;
  view: CircuitView;
  /** Width that there is, and the size of a letter, in px. */
  room: number;
  rem: number;
}

const SWEEPS = 6;
export const MOST_DRAWN = 2000; // edges: more say nothing, and take the page seconds to draw

export function circuitLayout(question: LayoutQuestion): CircuitLayout {
  const { graph, view, room, rem } = question;
  const sizes = sizesOf(rem);
  const { nodes, links } = contracted(question);
  const width = Math.max(room, 10 * rem);
  const column = width - sizes.edge - sizes.mlp / 2;
  const hasMlps = nodes.some(({ kind }) => kind === "mlp");
  const heads = hasMlps ? width - sizes.mlp - 2 * sizes.edge : width - sizes.edge;
  const perRow = Math.max(1, Math.floor(heads / (sizes.head + sizes.gap)));
  const rows = rowsOf(nodes, graph, perRow);
  const x = orderedX(rows, links, heads / 2 + sizes.edge / 2, sizes.head + sizes.gap, heads);

  let y = sizes.row * 0.45 + sizes.edge;
  const placed = new Map<string, { x: number; y: number }>();
  for (const { nodes: row, mlp } of [...rows].reverse()) {
    if (mlp) {
      placed.set(mlp.id, { x: column, y });
      y += row.length > 0 ? sizes.row * 0.5 : sizes.row * 0.8;
    }
    if (row.length > 0) {
      for (const { id } of row) placed.set(id, { x: x.get(id)!, y });
      y += sizes.row;
    }
  }
  const height = Math.max(y - sizes.row * 0.55 + sizes.edge, 8 * rem);
  const channels = new Map<string, Set<Channel>>();
  const [into, out] = [new Map<string, number>(), new Map<string, number>()];
  for (const { from, to, channel } of links) {
    into.set(to, (into.get(to) ?? 0) + 1);
    out.set(from, (out.get(from) ?? 0) + 1);
    if (channel) channels.set(to, (channels.get(to) ?? new Set()).add(channel));
  }
  const drawn = nodes.map(({ id, kind, label, members }): DrawnNode => {
    const pin = view.pins[id];
    const at = pin ? { x: pin[0] * width, y: pin[1] * height } : placed.get(id)!;
    return {
      ...{ id, kind, label, members, ...at, pinned: pin !== undefined },
      channels: CHANNELS.filter((channel) => channels.get(id)?.has(channel)),
      ...{ into: into.get(id) ?? 0, out: out.get(id) ?? 0 },
      width: Math.max(
        kind === "mlp" ? sizes.mlp : kind === "head" ? sizes.head : 4.5 * rem,
        (label.length * 0.5 + 1) * rem,
      ),
      height: kind === "head" ? sizes.height : 1.6 * rem,
    };
  });
  const edges = drawnEdges(strongest(links), drawn, sizes.row);
  return { width, height, nodes: drawn, edges, left: links.length - edges.length };
}

const sizesOf = (rem: number) => ({
  head: 3 * rem,
  height: 2.1 * rem,
  mlp: 4 * rem,
  gap: 0.75 * rem,
  row: 3.75 * rem,
  edge: 0.75 * rem,
});

type Bare = Pick<DrawnNode, "id" | "kind" | "label" | "members"> & { layer: number; order: number };
type Link = Pick<DrawnEdge, "id" | "from" | "to" | "channel" | "score"> & { edges: number[] };

/** The circuit with groups as nodes, and without what is hidden. */
function contracted({ graph, mask, scores, view }: LayoutQuestion) {
  const { senders, receivers } = graph;
  const present = new Set([senders[0]!.name, ...nodesOf(graph, mask), receivers.at(-1)!.node.name]);
  const group = new Map(
    view.groups.flatMap(({ name, nodes }) => nodes.map((node) => [node, name] as const)),
  );
  const hidden = new Set(view.hidden);
  const idOf = (name: string) => group.get(name) ?? name;
  const nodes = new Map<string, Bare & { members: string[] }>();
  const last = receivers.at(-1)!.node;
  for (const [order, { name, layer, head }] of [...senders, last].entries()) {
    const id = idOf(name);
    if (!present.has(name) || hidden.has(id)) continue;
    const known = nodes.get(id);
    if (known) known.members.push(name);
    else if (id !== name) {
      nodes.set(id, { id, kind: "group", label: id, members: [name], layer, order });
    } else {
      const kind =
        name === last.name ? "logits" : layer < 0 ? "input" : head === null ? "mlp" : "head";
      const label = kind === "head" ? `${layer}.${head}` : kind === "mlp" ? `MLP ${layer}` : name;
      nodes.set(id, { id, kind, label, members: [], layer, order });
    }
  }
  for (const node of nodes.values()) {
    if (node.kind !== "group") continue;
    const layers = node.members.map((name) => senders.find((s) => s.name === name)?.layer ?? 0);
    node.layer = Math.round(layers.reduce((a, b) => a + b, 0) / layers.length);
    node.label = `${node.id} (${node.members.length})`;
  }
  const links = new Map<string, Link>();
  for (const { node, channel, reads, firstEdge } of receivers) {
    const to = idOf(node.name);
    for (let s = 0; s < reads; s++) {
      const edge = firstEdge + s;
      const from = idOf(senders[s]!.name);
      if (!mask[edge] || from === to || !nodes.has(from) || !nodes.has(to)) continue;
      const into = to === node.name ? channel : null;
      const id = `${from}->${to}${into ? `<${into}>` : ""}`;
      const score = scores && !Number.isNaN(scores[edge]!) ? scores[edge]! : null;
      const known = links.get(id);
      if (known) {
        known.edges.push(edge);
        known.score = known.score === null || score === null ? null : known.score + score;
      } else links.set(id, { id, from, to, channel: into, edges: [edge], score });
    }
  }
  return { nodes: [...nodes.values()], links: [...links.values()] };
}

interface Row {
  nodes: readonly Bare[];
  mlp: Bare | null;
}

/** From the foot up. */
function rowsOf(nodes: readonly Bare[], { receivers }: CircuitGraph, perRow: number): Row[] {
  const top = receivers.at(-1)!.node.layer;
  return Array.from({ length: top + 2 }, (_, i) => i - 1).flatMap((layer): Row[] => {
    const own = nodes.filter((node) => node.layer === layer);
    const mlp = own.find(({ kind }) => kind === "mlp") ?? null;
    const row = own.filter((node) => node !== mlp).sort((a, b) => a.order - b.order);
    if (row.length <= perRow) return row.length > 0 || mlp ? [{ nodes: row, mlp }] : [];
    const lines = Math.ceil(row.length / perRow);
    const each = Math.ceil(row.length / lines);
    return Array.from({ length: lines }, (_, line) => ({
      nodes: row.slice(line * each, (line + 1) * each),
      mlp: line === lines - 1 ? mlp : null,
    }));
  });
}

/** By the mean of what a node is joined to, up and down in turns; then evenly about the middle. */
function orderedX(
  rows: readonly Row[],
  links: readonly Link[],
  middle: number,
  pitch: number,
  room: number,
): Map<string, number> {
  const x = new Map<string, number>();
  const neighbours = new Map<string, string[]>();
  const join = (one: string, other: string) => {
    const known = neighbours.get(one);
    if (known) known.push(other);
    else neighbours.set(one, [other]);
  };
  for (const { from, to } of links) {
    join(from, to);
    join(to, from);
  }
  const spread = (row: readonly Bare[]) => {
    const step = Math.min(2.2 * pitch, Math.max(pitch, room / (row.length + 1)));
    row.forEach(({ id }, i) => x.set(id, middle + (i - (row.length - 1) / 2) * step));
  };
  const ordered = rows.map(({ nodes }) => [...nodes]);
  ordered.forEach(spread);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (const row of sweep % 2 === 0 ? ordered : [...ordered].reverse()) {
      const wish = new Map(
        row.map(({ id }) => {
          const at = (neighbours.get(id) ?? []).flatMap((other) => x.get(other) ?? []);
          return [id, at.length === 0 ? x.get(id)! : at.reduce((a, b) => a + b) / at.length];
        }),
      );
      row.sort((a, b) => wish.get(a.id)! - wish.get(b.id)! || a.order - b.order);
      spread(row);
    }
  }
  return x;
}

/** What is drawn: those without a score come last. */
function strongest(links: readonly Link[]): readonly Link[] {
  if (links.length <= MOST_DRAWN) return links;
  const size = ({ score }: Link) => (score === null ? -1 : Math.abs(score));
  return links.toSorted((a, b) => size(b) - size(a)).slice(0, MOST_DRAWN);
}

/** Lines as wide as √|score| says, up to 7 px. */
function drawnEdges(links: readonly Link[], nodes: readonly DrawnNode[], row: number): DrawnEdge[] {
  const at = new Map(nodes.map((node) => [node.id, node]));
  const most = Math.max(0, ...links.map(({ score }) => Math.abs(score ?? 0)));
  return links
    .map((link) => ({
      ...link,
      width:
        link.score === null || most === 0 ? 1.5 : 1 + 6 * Math.sqrt(Math.abs(link.score) / most),
      path: edgePath(at.get(link.from)!, at.get(link.to)!, link.channel, row),
    }))
    .sort((a, b) => a.width - b.width);
}

/** Where a channel's edges arrive: q, k and v from left to right at the foot of the head. */
export const portX = ({ x, width }: Pick<DrawnNode, "x" | "width">, channel: Channel | null) =>
  x + (channel ? (CHANNELS.indexOf(channel) - 1) * 0.3 * width : 0);

/** Leaves upwards and arrives from below; past other rows at the same x it goes around them. */
export function edgePath(
  from: DrawnNode,
  to: DrawnNode,
  channel: Channel | null,
  row: number,
): string {
  const [x0, y0] = [from.x, from.y - from.height / 2];
  const [x1, y1] = [portX(to, channel), to.y + to.height / 2];
  const rise = Math.max(y0 - y1, row / 2);
  const bend = Math.min(rise / 2, 1.5 * row) + (y0 < y1 ? row / 2 : 0);
  const isBehind = rise > row && Math.abs(x1 - x0) < from.width;
  const aside = isBehind ? Math.min(4 * row, 0.35 * rise) * (to.kind === "mlp" ? -1 : 1) : 0;
  const n = (value: number) => Number(value.toFixed(1));
  return `M${n(x0)},${n(y0)} C${n(x0 + aside)},${n(y0 - bend)} ${n(x1 + aside)},${n(y1 + bend)} ${n(x1)},${n(y1)}`;
}
