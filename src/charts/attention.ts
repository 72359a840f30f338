/**
 * The pure part of the attention charts: bytes, cells and words. A pattern is [T, T] row-major, query × key, after
 * softmax; a cell with key > query is masked: the model never computed it, which is not the same as 0.
 */
import { LabError } from "../core/lab-error.ts";
import type { TensorData } from "../core/types.ts";
import { type MatrixScale, rampStep } from "./matrix-cells.ts";

export interface PatternCell {
  q: number;
  k: number;
}
export interface PatternDims {
  layers: number;
  heads: number;
  tokens: number;
}

export function patternDims({ dims }: TensorData): PatternDims {
  const [layers = 0, heads = 0, tokens = 0, keys = 0] = dims;
  if (dims.length !== 4 || tokens !== keys) {
    throw new LabError("shape", `expected [layer, head, T, T] patterns, got [${dims.join(", ")}]`);
  }
  return { layers, heads, tokens };
}

/** One head's pattern: a view of the same memory. */
export function headPattern(pattern: TensorData, layer: number, head: number): Float32Array {
  const { heads, tokens } = patternDims(pattern);
  const start = (layer * heads + head) * tokens * tokens;
  return pattern.data.subarray(start, start + tokens * tokens);
}

/** What is drawn: weights have a scale of their own, other numbers that of the largest. */
export interface SquareOptions {
  /** Column 0 is set aside: GPT-2 parks much of its attention there, which makes all else look empty. */
  skipFirst: boolean;
  /** Whether numbers below 0 mean something. */
  signed: boolean;
}

/** The scale of the cells that are computed: from 0 to the largest, or ± the largest size. NaN and ±∞ do not count. */
export function squareScale(
  values_QK: Float32Array,
  tokens: number,
  { skipFirst, signed }: SquareOptions,
): MatrixScale {
  let top = 0;
  for (let q = 0; q < tokens; q++) {
    for (let k = skipFirst ? 1 : 0; k <= q; k++) {
      const value = values_QK[q * tokens + k]!;
      const size = signed ? Math.abs(value) : value;
      if (size > top && size < Infinity) top = size;
    }
  }
  const high = top > 0 ? top : 1;
  return { low: signed ? -high : 0, high };
}

/** Squares of more cells than this a side are drawn smaller in a thumbnail. */
const POOLED_SIDE = 96;
/** How many cells a side share a pixel of a thumbnail. */
export const poolOf = (tokens: number): number => Math.ceil(tokens / POOLED_SIDE);

/**
 * A square of numbers as pixels, RGBA. Masked cells and NaN are transparent; so is column 0 when it is set aside. With `pool`
 * a pixel stands for pool × pool cells and shows the one furthest from 0, so that a thin line is not averaged away.
 * @param ramp 256 RGBA colours
 * @returns side · side · 4 bytes, side = ⌈tokens / pool⌉
 */
export function heatmapRgba(
  values_QK: Float32Array,
  tokens: number,
  ramp: Uint8ClampedArray,
  { scale, skipFirst, pool = 1 }: { scale: MatrixScale; skipFirst: boolean; pool?: number },
): Uint8ClampedArray<ArrayBuffer> {
  const side = Math.ceil(tokens / pool);
  const most = pool === 1 ? values_QK : pooled(values_QK, tokens, pool, skipFirst);
  const bytes = new Uint8ClampedArray(side * side * 4);
  for (let q = 0; q < side; q++) {
    for (let k = skipFirst && pool === 1 ? 1 : 0; k <= q; k++) {
      const value = most[q * side + k]!;
      if (Number.isNaN(value)) continue;
      const [i, step] = [(q * side + k) * 4, rampStep(value, scale) * 4];
      bytes[i] = ramp[step]!;
      bytes[i + 1] = ramp[step + 1]!;
      bytes[i + 2] = ramp[step + 2]!;
      bytes[i + 3] = 255;
    }
  }
  return bytes;
}

/** Of each block of cells the one furthest from 0; NaN where there is none. */
function pooled(values_QK: Float32Array, tokens: number, pool: number, skipFirst: boolean) {
  const side = Math.ceil(tokens / pool);
  const most = new Float32Array(side * side).fill(NaN);
  for (let q = 0; q < tokens; q++) {
    const line = q * tokens;
    let at = Math.floor(q / pool) * side;
    let k = skipFirst ? 1 : 0;
    for (let end = pool; k <= q; end += pool, at++) {
      const known = most[at]!;
      let furthest = known;
      let size = Number.isNaN(known) ? -1 : Math.abs(known);
      for (const stop = Math.min(end, q + 1); k < stop; k++) {
        const value = values_QK[line + k]!;
        if (Math.abs(value) > size) {
          size = Math.abs(value);
          furthest = value;
        }
      }
      most[at] = furthest;
    }
  }
  return most;
}

/** The weight of a cell; null where it is masked. */
export const cellWeight = (
  pattern_QK: Float32Array,
  tokens: number,
  { q, k }: PatternCell,
): number | null => (k > q ? null : (pattern_QK[q * tokens + k] ?? null));

/** The cell under a point of a square drawing `side` wide; null outside it. */
export function cellAt(x: number, y: number, side: number, tokens: number): PatternCell | null {
  if (tokens === 0 || x < 0 || y < 0 || x >= side || y >= side) return null;
  return { q: Math.floor((y / side) * tokens), k: Math.floor((x / side) * tokens) };
}

/** Where an arrow, Home or End key takes the cursor; null if the key means nothing here. */
export function moveCell({ q, k }: PatternCell, key: string, tokens: number): PatternCell | null {
  const last = tokens - 1;
  const moves: Record<string, PatternCell> = {
    ArrowUp: { q: q - 1, k },
    ArrowDown: { q: q + 1, k },
    ArrowLeft: { q, k: k - 1 },
    ArrowRight: { q, k: k + 1 },
    Home: { q, k: 0 },
    End: { q, k: q },
  };
  const to = moves[key];
  if (!to) return null;
  const clamp = (i: number) => Math.min(last, Math.max(0, i));
  return { q: clamp(to.q), k: clamp(to.k) };
}

export interface KeyWeight {
  k: number;
  weight: number;
}
/** The keys that a query looks at most, strongest first; equal weights in text order. NaN is none. */
export function strongestKeys(
  values_QK: Float32Array,
  tokens: number,
  q: number,
  count: number,
): KeyWeight[] {
  const row = values_QK.subarray(q * tokens, q * tokens + q + 1);
  return Array.from(row, (weight, k) => ({ k, weight }))
    .filter(({ weight }) => !Number.isNaN(weight))
    .sort((a, b) => b.weight - a.weight || a.k - b.k)
    .slice(0, count);
}
