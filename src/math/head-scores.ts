/**
 * What kind of head a head is, by numbers of its attention pattern. Axis letters: T tokens, Q queries, K keys; A_QK [T, T] is a
 * pattern after softmax, row-major, its rows sum to 1 and nothing is above the diagonal. Sums in float64; no units unless said.
 *
 * Two families of scores have the same names in the field:
 * - `detectHead`: the share of a head's attention that lies where a detection matrix has ones, on any tokens (TransformerLens
 *   `head_detector.detect_head`, error measure "mul");
 * - `meanDiagonal`: the mean weight on one diagonal, on n random tokens that are repeated once: offset 1 (previous token), n
 *   (duplicate token), n − 1 (induction) (TransformerLens, Exploratory Analysis demo; Olsson et al. 2022).
 * They differ by construction: the former divides by all of the attention, so queries of the first half, which have nothing to
 * repeat, count against the head.
 */
import type { DetectOptions } from "../core/head-scores.ts";
import { LabError } from "../core/lab-error.ts";

export type DetectedKind = "previous" | "duplicate" | "induction";

/**
 * Where a head of a kind would look: the flat indices q·T + k of the ones of its detection matrix D, k ≤ q.
 * previous: k = q − 1. duplicate: ids[k] = ids[q], k < q. induction: the duplicate matrix one column to the right, so
 * k ≥ 1 and ids[k − 1] = ids[q], k − 1 < q.
 */
export function detectionCells(kind: DetectedKind, ids: readonly number[]): Int32Array {
  const n = ids.length;
  const cells: number[] = [];
  if (kind === "previous") {
    for (let q = 1; q < n; q++) cells.push(q * n + q - 1);
    return Int32Array.from(cells);
  }
  const shift = kind === "induction" ? 1 : 0;
  const earlier = new Map<number, number[]>();
  ids.forEach((id, q) => {
    const places = earlier.get(id) ?? [];
    for (const k of places) cells.push(q * n + k + shift);
    earlier.set(id, [...places, q]);
  });
  return Int32Array.from(cells);
}

/**
 * Σ (A ∘ D) / Σ A. The excluded column and diagonal are left out of both sums; the pattern itself stays as it is.
 * @param cells of D, from `detectionCells`
 * @returns null where no cell of D is left (no token repeats), or no attention (0 / 0)
 * @throws LabError "shape" unless A_QK is [T, T]
 */
export function detectHead(
  A_QK: Float32Array,
  T: number,
  cells: Int32Array,
  { excludeFirst, excludeCurrent }: DetectOptions,
): number | null {
  checkSquare(A_QK, T);
  const counts = (q: number, k: number) =>
    !(excludeFirst && k === 0) && !(excludeCurrent && k === q);
  let all = 0;
  for (let q = 0; q < T; q++) {
    for (let k = excludeFirst ? 1 : 0; k <= q; k++) {
      if (!(excludeCurrent && k === q)) all += A_QK[q * T + k]!;
    }
  }
  let hit = 0;
  let places = 0;
  for (const cell of cells) {
    if (!counts(Math.floor(cell / T), cell % T)) continue;
    hit += A_QK[cell]!;
    places++;
  }
  return places === 0 || all === 0 ? null : hit / all;
}

/**
 * Mean of A[q, q − offset] over the queries that have such a key: T − offset of them.
 * @throws LabError "shape" unless A_QK is [T, T]; "degenerate" if the diagonal has no cell
 */
export function meanDiagonal(A_QK: Float32Array, T: number, offset: number): number {
  checkSquare(A_QK, T);
  if (!(offset >= 0 && offset < T)) {
    throw new LabError("degenerate", `${T} tokens have no diagonal ${offset} below the main one`);
  }
  let sum = 0;
  for (let q = offset; q < T; q++) sum += A_QK[q * T + q - offset]!;
  return sum / (T - offset);
}

/** Means over the queries q ≥ 1: the first has only itself to look at. */
export interface QueryMeans {
  /** of A[q, 0] */
  first: number;
  /** of A[q, q] */
  current: number;
  /** of −Σ A log₂ A, in bits */
  entropy: number;
  /** of Σ A·(q − k), in tokens */
  distance: number;
}

/**
 * @returns null for a single token
 * @throws LabError "shape" unless A_QK is [T, T]
 */
export function queryMeans(A_QK: Float32Array, T: number): QueryMeans | null {
  checkSquare(A_QK, T);
  if (T < 2) return null;
  const sum: QueryMeans = { first: 0, current: 0, entropy: 0, distance: 0 };
  for (let q = 1; q < T; q++) {
    const row_K = A_QK.subarray(q * T, q * T + q + 1);
    sum.first += row_K[0]!;
    sum.current += row_K[q]!;
    sum.entropy += attentionEntropy(row_K);
    for (let k = 0; k < q; k++) sum.distance += row_K[k]! * (q - k);
  }
  const queries = T - 1;
  return {
    first: sum.first / queries,
    current: sum.current / queries,
    entropy: sum.entropy / queries,
    distance: sum.distance / queries,
  };
}

/**
 * Entropy of one query's attention, −Σ A log₂ A over the keys it may see, in bits: 0 for a single key,
 * log₂(q + 1) for an even spread.
 * @param row_K the weights of the keys that may be seen
 */
export function attentionEntropy(row_K: Float32Array): number {
  let bits = 0;
  for (const weight of row_K) if (weight > 0) bits -= weight * Math.log2(weight);
  return Math.max(0, bits);
}

function checkSquare(A_QK: Float32Array, T: number): void {
  if (A_QK.length === T * T) return;
  throw new LabError("shape", `expected [${T}, ${T}] weights, got ${A_QK.length}`);
}
