/** The pure part of a traced pair's figures: the strongest parts by name, all others as one. */
import type { PairTrace, TracePart } from "../core/pair-trace.ts";

export const sumOf = (values: Iterable<number>): number => {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
};

export interface TopParts {
  /** The largest by size, largest first. */
  parts: { index: number; value: number }[];
  /** All others together. */
  rest: { count: number; sum: number };
}
export function topParts(
  parts: readonly TracePart[],
  values: ArrayLike<number>,
  most: number,
): TopParts {
  const all = parts
    .map((_, index) => ({ index, value: values[index]! }))
    .sort((a, b) => Math.abs(b.value) - Math.abs(a.value) || a.index - b.index);
  const rest = all.slice(most);
  return {
    parts: all.slice(0, most),
    rest: { count: rest.length, sum: sumOf(rest.map(({ value }) => value)) },
  };
}

export interface FoldedPairs {
  rows: TracePart[];
  columns: TracePart[];
  /** [rows, columns]; the sum is that of all pairs. */
  values: Float32Array;
}
/** The parts with the strongest pairs, in forward order, and the others as one more row and column. */
export function foldPairs({ parts, scores }: PairTrace, most: number): FoldedPairs {
  const N = parts.length;
  const strength = (of: (i: number, j: number) => number) =>
    parts.map((_, i) =>
      parts.reduce((top, __, j) => Math.max(top, Math.abs(scores[of(i, j)]!)), 0),
    );
  const shown = (sizes: readonly number[]) =>
    topParts(parts, sizes, most)
      .parts.map(({ index }) => index)
      .sort((a, b) => a - b);
  const [rows, columns] = [
    shown(strength((i, j) => i * N + j)),
    shown(strength((i, j) => j * N + i)),
  ];
  const folded = (list: readonly number[]): TracePart[] => [
    ...list.map((i) => parts[i]!),
    ...(list.length < N ? [{ name: "others", layer: null, head: null }] : []),
  ];
  const place = (list: readonly number[], i: number) => {
    const at = list.indexOf(i);
    return at < 0 ? list.length : at;
  };
  const C = folded(columns).length;
  const sums = new Float64Array(folded(rows).length * C);
  for (let i = 0; i < N; i++) {
    for (let j = 0; j < N; j++) sums[place(rows, i) * C + place(columns, j)]! += scores[i * N + j]!;
  }
  return { rows: folded(rows), columns: folded(columns), values: Float32Array.from(sums) };
}
