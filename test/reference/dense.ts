/** Dense matrices the plain way, as arrays of rows in float64: what the fast products and factorings are held against. */
export type Dense = number[][];

export const dense = (x: ArrayLike<number>, rows: number): Dense =>
  Array.from({ length: rows }, (_, r) =>
    Array.from({ length: x.length / rows }, (__, c) => x[(r * x.length) / rows + c]!),
  );
export const times = (A: Dense, B: Dense): Dense =>
  A.map((row) => B[0]!.map((_, c) => row.reduce((sum, x, k) => sum + x * B[k]![c]!, 0)));
export const flipped = (A: Dense): Dense => A[0]!.map((_, c) => A.map((row) => row[c]!));
export const frobenius = (A: Dense): number => Math.hypot(...A.flat());
export const trace = (A: Dense): number => A.reduce((sum, row, i) => sum + row[i]!, 0);
/** Columns from … from + count − 1. */
export const columnsOf = (A: Dense, from: number, count: number): Dense =>
  A.map((row) => row.slice(from, from + count));
