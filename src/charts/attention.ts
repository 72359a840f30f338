/**
 * The pure part of the attention charts: bytes, cells and words. A pattern is [T, T] row-major, query × key, after
 * softmax; a cell with key > query is masked: the model never computed it, which is not the same as 0.
 */
import { LabError } from "../core/lab-error.ts";
import type { TensorData } from "../core/types.ts";

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

/**
 * The weight that gets the strongest colour: 1, or the largest outside column 0 when that column is set aside
 * (GPT-2 parks much of its attention on the first token, which makes all else look empty).
 */
export function scaleTop(pattern_QK: Float32Array, tokens: number, skipFirst: boolean): number {
  if (!skipFirst) return 1;
  let top = 0;
  for (let q = 1; q < tokens; q++) {
    for (let k = 1; k <= q; k++) top = Math.max(top, pattern_QK[q * tokens + k]!);
  }
  return top > 0 ? top : 1;
}

/**
 * A pattern as pixels, one per cell, RGBA. Masked cells are transparent; so is column 0 when it is set aside.
 * @param ramp 256 RGBA colours; `top` the weight that gets the last one
 */
export function heatmapRgba(
  pattern_QK: Float32Array,
  tokens: number,
  ramp: Uint8ClampedArray,
  { top = 1, skipFirst = false }: { top?: number; skipFirst?: boolean } = {},
): Uint8ClampedArray<ArrayBuffer> {
  const bytes = new Uint8ClampedArray(tokens * tokens * 4);
  for (let q = 0; q < tokens; q++) {
    for (let k = skipFirst ? 1 : 0; k <= q; k++) {
      const i = q * tokens + k;
      const step = Math.min(255, Math.max(0, Math.round((pattern_QK[i]! / top) * 255)));
      bytes[i * 4] = ramp[step * 4]!;
      bytes[i * 4 + 1] = ramp[step * 4 + 1]!;
      bytes[i * 4 + 2] = ramp[step * 4 + 2]!;
      bytes[i * 4 + 3] = 255;
    }
  }
  return bytes;
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
/** The keys that a query looks at most, strongest first; equal weights in text order. */
export function strongestKeys(
  pattern_QK: Float32Array,
  tokens: number,
  q: number,
  count: number,
): KeyWeight[] {
  return Array.from(pattern_QK.subarray(q * tokens, q * tokens + q + 1), (weight, k) => ({
    k,
    weight,
  }))
    .sort((a, b) => b.weight - a.weight || a.k - b.k)
    .slice(0, count);
}

/** The head before or after, in reading order through the layers; null at the ends. */
export function neighbourHead(
  { layer, head }: { layer: number; head: number },
  step: 1 | -1,
  { layers, heads }: PatternDims,
): { layer: number; head: number } | null {
  const index = layer * heads + head + step;
  if (index < 0 || index >= layers * heads) return null;
  return { layer: Math.floor(index / heads), head: index % heads };
}

/** "L2H5": how heads are called everywhere. */
export const headName = ({ layer, head }: { layer: number; head: number }): string =>
  `L${layer}H${head}`;
