/** The pure part of a graph of heads: which edges are drawn, and where heads and edges lie. Heads are numbered by layer. */
export interface HeadEdge {
  /** The head that writes, and the later one that reads. */
  from: number;
  to: number;
  value: number;
}

/** All pairs that have a value, the largest first. @param values [N, N]: row writes, column reads; NaN for none */
export function headEdges(values: Float32Array, N: number): HeadEdge[] {
  const edges: HeadEdge[] = [];
  values.forEach((value, i) => {
    if (!Number.isNaN(value)) edges.push({ from: Math.floor(i / N), to: i % N, value });
  });
  return edges.sort((a, b) => b.value - a.value || a.from - b.from || a.to - b.to);
}

/** Of edges in order those of at least a value, but no more than `most`. */
export function edgesFrom(edges: readonly HeadEdge[], least: number, most: number): HeadEdge[] {
  const end = edges.findIndex(({ value }) => value < least);
  return edges.slice(0, Math.min(most, end < 0 ? edges.length : end));
}

/** One head with all others → the same as a matrix where nothing else has a value. */
export function rowAsMatrix(row: Float32Array, head: number, heads: number): Float32Array {
  const N = row.length;
  const out = new Float32Array(N * N).fill(NaN);
  const layer = Math.floor(head / heads);
  row.forEach((value, other) => {
    if (Math.floor(other / heads) > layer) out[head * N + other] = value;
    else out[other * N + head] = value;
  });
  return out;
}

export interface GraphLayout {
  width: number;
  height: number;
  /** Radius of a head, and from one to the next. */
  radius: number;
  step: number;
  at: (head: number) => { x: number; y: number };
}

/** Layers from the top down, as the stream runs; heads from left to right. All in pixels. */
export function graphLayout(layers: number, heads: number, room: number, rem: number): GraphLayout {
  const left = 2.25 * rem;
  const top = 1.5 * rem;
  const step = Math.max(1.25 * rem, Math.min(6 * rem, (room - left) / heads));
  const down = Math.max(2.5 * rem, Math.min(6 * rem, (34 * rem) / layers));
  const radius = Math.min(0.6 * rem, step * 0.32);
  return {
    width: left + heads * step,
    height: top + (layers - 1) * down + 4 * radius + 4,
    radius,
    step,
    at: (i) => ({
      x: left + ((i % heads) + 0.5) * step,
      y: top + Math.floor(i / heads) * down + 2 * radius + 2,
    }),
  };
}

/** From the foot of one head to the top of the other, leaving and arriving downwards. */
export function edgePath({ at, radius }: GraphLayout, { from, to }: HeadEdge): string {
  const [a, b] = [at(from), at(to)];
  const [y0, y1] = [a.y + radius, b.y - radius];
  const bend = (y1 - y0) / 2;
  return `M${a.x},${y0} C${a.x},${y0 + bend} ${b.x},${y1 - bend} ${b.x},${y1}`;
}

/** 0–1: how strongly an edge is drawn, between the least and the largest that are. */
export const edgeStrength = (value: number, least: number, most: number): number =>
  most > least ? Math.min(1, Math.max(0, (value - least) / (most - least))) : 1;

/** Where an arrow key leads; null if it means nothing here. */
export function moveHead(head: number, key: string, layers: number, heads: number): number | null {
  const [layer, column] = [Math.floor(head / heads), head % heads];
  const moves: Record<string, readonly [number, number]> = {
    ArrowUp: [layer - 1, column],
    ArrowDown: [layer + 1, column],
    ArrowLeft: [layer, column - 1],
    ArrowRight: [layer, column + 1],
    Home: [layer, 0],
    End: [layer, heads - 1],
  };
  const to = moves[key];
  if (!to) return null;
  const clamp = (i: number, n: number) => Math.min(n - 1, Math.max(0, i));
  return clamp(to[0], layers) * heads + clamp(to[1], heads);
}
