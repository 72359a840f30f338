/**
 * The pure part of a feature circuit's drawing: what of the graph is shown, where it stands, and how one walks about in it.
 * Rows are layers, tokens at the foot and logits at the top; columns are positions.
 */
import type { FeatureGraph, GraphNode, NodeKind, Supernode } from "../core/feature-circuit.ts";

/** A node as it is drawn: one of the graph's, or several as a group. */
export interface ShownNode {
  /** The node's id; "group: name" of a group. */
  id: string;
  kind: NodeKind | "group";
  layer: number;
  pos: number;
  /** null of a group. */
  node: GraphNode | null;
  name: string;
  members: readonly GraphNode[];
  /** Cumulative share, of a group its strongest member's; null where it is not told. */
  influence: number | null;
}
export interface ShownLink {
  source: number;
  target: number;
  weight: number;
}
export interface ShownGraph {
  nodes: readonly ShownNode[];
  links: readonly ShownLink[];
}

/** As it can be seen: enough influence or pinned, not hidden; groups in one piece, their links added up. */
export function shownGraph(
  { nodes, links }: Pick<FeatureGraph, "nodes" | "links">,
  {
    threshold,
    pinned,
    hidden,
    groups,
  }: {
    threshold: number;
    pinned: readonly string[];
    hidden: readonly string[];
    groups: readonly Supernode[];
  },
): ShownGraph {
  const [isPinned, isHidden] = [new Set(pinned), new Set(hidden)];
  const groupOf = new Map(
    groups.flatMap(({ members }, g) => members.map((id) => [id, g] as const)),
  );
  const visible = ({ id, kind, influence }: GraphNode): boolean =>
    !isHidden.has(id) &&
    (kind === "logit" ||
      kind === "token" ||
      influence === null ||
      isPinned.has(id) ||
      groupOf.has(id) ||
      influence <= threshold + 1e-9);
  const hasEdge = new Set<number>();
  for (const { source, target } of links) {
    if (visible(nodes[source]!) && visible(nodes[target]!)) hasEdge.add(source).add(target);
  }
  const at = new Int32Array(nodes.length).fill(-1);
  const shown: ShownNode[] = [];
  const placeOfGroup = new Map<number, number>();
  nodes.forEach((node, i) => {
    if (!visible(node)) return;
    const g = groupOf.get(node.id);
    // A token that gives to nothing in sight is left out, too: the tokens' row names them all.
    if (g === undefined) {
      if (node.kind === "token" && !hasEdge.has(i)) return;
      const { id, kind, layer, pos, influence } = node;
      const name = node.label;
      at[i] = shown.push({ id, kind, layer, pos, node, name, members: [node], influence }) - 1;
      return;
    }
    const known = placeOfGroup.get(g);
    if (known === undefined) {
      const { name } = groups[g]!;
      const { layer, pos, influence } = node;
      const group = {
        kind: "group",
        layer,
        pos,
        node: null,
        name,
        members: [node],
        influence,
      } as const;
      at[i] = shown.push({ id: `group: ${name}`, ...group }) - 1;
      placeOfGroup.set(g, at[i]);
      return;
    }
    at[i] = known;
    const before = shown[known]!;
    const members = [...before.members, node];
    shown[known] = {
      ...before,
      members,
      layer: middle(members.map(({ layer }) => layer)),
      pos: middle(members.map(({ pos }) => pos)),
      influence:
        before.influence === null || node.influence === null
          ? (before.influence ?? node.influence)
          : Math.min(before.influence, node.influence),
    };
  });
  const sums = new Map<number, ShownLink>();
  for (const link of links) {
    const [source, target] = [at[link.source]!, at[link.target]!];
    if (source < 0 || target < 0 || source === target) continue;
    const key = source * shown.length + target;
    const before = sums.get(key);
    sums.set(key, { source, target, weight: (before?.weight ?? 0) + link.weight });
  }
  return { nodes: shown, links: [...sums.values()] };
}

/** The middle one of the sorted values, the lower of two. */
const middle = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[(values.length - 1) >> 1]!;

export interface GraphLayout {
  width: number;
  height: number;
  /** By node. */
  x: readonly number[];
  y: readonly number[];
  /** Left edge and width of each position's column. */
  columns: readonly { x: number; width: number }[];
  /** Rows from the foot: −1 tokens … layers logits. */
  rows: readonly { layer: number; y: number; height: number }[];
  rem: number;
}

const GAP = 1.1; // rem between nodes
const LABELS = 3.2; // rem for the names of layers
const MOST_ABREAST = 5; // nodes of a cell beside one another; more go into lines

/** Cells as wide as their most populous row needs, at least so that a token's name can begin; wider if there is room. */
export function graphLayout(
  { nodes }: ShownGraph,
  { tokens, layers }: Pick<FeatureGraph, "tokens" | "layers">,
  room: number,
  rem: number,
): GraphLayout {
  const rowCount = layers + 2;
  const cells = new Map<number, number[]>();
  nodes.forEach(({ layer, pos }, i) => {
    const key = (layer + 1) * tokens.length + pos;
    const cell = cells.get(key) ?? [];
    cells.set(key, cell);
    cell.push(i);
  });
  const cellOf = (row: number, pos: number) => cells.get(row * tokens.length + pos) ?? [];
  const abreast = tokens.map((_, pos) => {
    let most = 0; // where nothing is, a column is narrow
    for (let row = 0; row < rowCount; row++) most = Math.max(most, cellOf(row, pos).length);
    return Math.min(most, MOST_ABREAST);
  });
  const least = abreast.map((n) => (n === 0 ? 2 : Math.max(2.6, n * GAP + 0.8)) * rem);
  const whole = least.reduce((a, b) => a + b, LABELS * rem);
  const stretch = Math.max(1, (room - LABELS * rem) / (whole - LABELS * rem));
  const columns: GraphLayout["columns"][number][] = [];
  let x = LABELS * rem;
  for (const width of least) {
    columns.push({ x, width: width * stretch });
    x += width * stretch;
  }
  const lines = Array.from({ length: rowCount }, (_, row) =>
    tokens.reduce(
      (most, __, pos) =>
        Math.max(most, Math.ceil(cellOf(row, pos).length / Math.max(1, abreast[pos]!))),
      0,
    ),
  );
  const rows: GraphLayout["rows"][number][] = [];
  let y = 0.4 * rem;
  for (let row = rowCount - 1; row >= 0; row--) {
    const height = (lines[row] === 0 ? 0.9 : lines[row]! * GAP + 0.9) * rem;
    rows[row] = { layer: row - 1, y, height };
    y += height;
  }
  const [xs, ys] = [new Array<number>(nodes.length), new Array<number>(nodes.length)];
  for (let row = 0; row < rowCount; row++) {
    for (const [pos, column] of columns.entries()) {
      const cell = cellOf(row, pos);
      const perLine = Math.max(1, abreast[pos]!);
      const step = Math.min((column.width - 0.6 * rem) / perLine, 2.2 * rem);
      cell.forEach((i, k) => {
        const line = Math.floor(k / perLine);
        const inLine = Math.min(perLine, cell.length - line * perLine);
        const off = (k % perLine) - (inLine - 1) / 2;
        xs[i] = column.x + column.width / 2 + off * step;
        ys[i] = rows[row]!.y + rows[row]!.height - (0.45 + GAP / 2 + line * GAP) * rem;
      });
    }
  }
  return { width: x, height: y + 0.4 * rem, x: xs, y: ys, columns, rows, rem };
}

/** Above and below: the nearest node of the next row that has any; left and right: the next in the row, by x. Null for other keys. */
export function moveInGraph({ x, y }: GraphLayout, from: number, key: string): number | null {
  const all = x.map((_, i) => i);
  if (key === "ArrowLeft" || key === "ArrowRight") {
    const row = all
      .filter((i) => Math.abs(y[i]! - y[from]!) < 1e-6)
      .sort((a, b) => x[a]! - x[b]! || a - b);
    return row[row.indexOf(from) + (key === "ArrowLeft" ? -1 : 1)] ?? from;
  }
  if (key !== "ArrowUp" && key !== "ArrowDown") return null;
  const sign = key === "ArrowUp" ? -1 : 1;
  const beyond = all.filter((i) => sign * (y[i]! - y[from]!) > 1e-6);
  if (beyond.length === 0) return from;
  const next = beyond.reduce((best, i) => (sign * (y[i]! - y[best]!) < 0 ? i : best));
  return beyond
    .filter((i) => Math.abs(y[i]! - y[next]!) < 1e-6)
    .reduce((best, i) => (Math.abs(x[i]! - x[from]!) < Math.abs(x[best]! - x[from]!) ? i : best));
}

export interface Connection {
  /** The other end. */
  node: number;
  weight: number;
  /** Of the absolute weights of all on that side that are shown: 0 … 1. */
  share: number;
}
/** What comes into a node and what goes out, strongest first. */
export function connections(
  { links }: ShownGraph,
  node: number,
): { inputs: Connection[]; outputs: Connection[] } {
  const side = (own: "source" | "target", other: "source" | "target") => {
    const found = links.filter((link) => link[own] === node);
    const total = found.reduce((sum, { weight }) => sum + Math.abs(weight), 0);
    return found
      .sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight))
      .map((link) => ({
        node: link[other],
        weight: link.weight,
        share: total === 0 ? 0 : Math.abs(link.weight) / total,
      }));
  };
  return { inputs: side("target", "source"), outputs: side("source", "target") };
}

/** A curve from the top of the source to the foot of the target. */
export function linkPath({ x, y, rem }: GraphLayout, { source, target }: ShownLink): string {
  const [x0, y0, x1, y1] = [x[source]!, y[source]!, x[target]!, y[target]!];
  const bend = Math.max(0.6 * rem, Math.abs(y0 - y1) / 3);
  return `M${x0.toFixed(1)} ${y0.toFixed(1)}C${x0.toFixed(1)} ${(y0 - bend).toFixed(1)} ${x1.toFixed(1)} ${(y1 + bend).toFixed(1)} ${x1.toFixed(1)} ${y1.toFixed(1)}`;
}

/** The mark of a kind about the origin: ■ token and logit, ● feature, ◆ error, ▲ head, a wide ▬ for an MLP, a ring for a group. */
export function markPath(kind: ShownNode["kind"], r: number): string {
  const polygon = (...points: readonly (readonly [number, number])[]) =>
    `M${points.map(([a, b]) => `${(a * r).toFixed(2)} ${(b * r).toFixed(2)}`).join("L")}Z`;
  switch (kind) {
    case "token":
    case "logit":
      return polygon([-0.85, -0.85], [0.85, -0.85], [0.85, 0.85], [-0.85, 0.85]);
    case "error":
      return polygon([0, -1.15], [1.15, 0], [0, 1.15], [-1.15, 0]);
    case "head":
      return polygon([0, -1.15], [1.1, 0.85], [-1.1, 0.85]);
    case "mlp":
      return polygon([-1.2, -0.5], [1.2, -0.5], [1.2, 0.5], [-1.2, 0.5]);
    case "feature":
    case "group":
      return `M${-r} 0A${r} ${r} 0 1 1 ${r} 0A${r} ${r} 0 1 1 ${-r} 0Z`;
  }
}
