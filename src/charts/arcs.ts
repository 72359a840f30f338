/** Geometry of the arc view: tokens on a line, an arc from a query back to each key it looks at. Pixels throughout. */
import { textColumns } from "./attention-axis.ts";

export interface ArcLayout {
  /** Middle of each token. */
  centres: number[];
  /** Of the whole line: at least what was asked for. */
  width: number;
}

/**
 * Sets tokens side by side. When they need less than `room`, the rest is spread between them, up to a limit that
 * keeps short prompts together.
 * @param column width of one character; `gap` the least distance between tokens
 */
export function layoutTokens(
  labels: readonly string[],
  { column, gap, room }: { column: number; gap: number; room: number },
): ArcLayout {
  const widths = labels.map((label) => Math.max(1, textColumns(label)) * column);
  const needed = widths.reduce((sum, width) => sum + width + gap, 0);
  const spare = Math.max(0, room - needed) / Math.max(1, labels.length);
  const space = gap + Math.min(spare, gap * 3);
  const centres: number[] = [];
  let x = 0;
  for (const width of widths) {
    centres.push(x + (width + space) / 2);
    x += width + space;
  }
  return { centres, width: Math.max(room, x) };
}

/** How high an arc rises: with the square root of its span, so that neighbours stay visible beside far jumps. */
export const arcHeight = (span: number, widest: number, height: number): number =>
  widest <= 0 ? 0 : Math.max(10, Math.sqrt(Math.abs(span) / widest) * height);

/** An SVG path from (x1, base) to (x2, base), or a small loop when a token looks at itself. */
export function arcPath(x1: number, x2: number, base: number, height: number): string {
  const n = (value: number) => Number(value.toFixed(1));
  if (x1 === x2) {
    return `M${n(x1 - 3)},${n(base)}C${n(x1 - 9)},${n(base - 16)} ${n(x1 + 9)},${n(base - 16)} ${n(x1 + 3)},${n(base)}`;
  }
  const top = base - (height * 4) / 3; // a cubic's apex is at 3/4 of its control points
  return `M${n(x1)},${n(base)}C${n(x1)},${n(top)} ${n(x2)},${n(top)} ${n(x2)},${n(base)}`;
}

export interface Arc {
  q: number;
  k: number;
  weight: number;
}
/** The arcs worth drawing: those of at least `least` in size, weak ones first so that strong ones lie on top. */
export function arcsOf(
  values_QK: Float32Array,
  tokens: number,
  queries: readonly number[],
  least: number,
): Arc[] {
  const arcs: Arc[] = [];
  for (const q of queries) {
    for (let k = 0; k <= q; k++) {
      const weight = values_QK[q * tokens + k]!;
      if (Math.abs(weight) >= least) arcs.push({ q, k, weight });
    }
  }
  return arcs.sort((a, b) => Math.abs(a.weight) - Math.abs(b.weight));
}
