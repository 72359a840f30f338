/**
 * Prompts of unequal length in one tensor: rows are padded on the right, and what stands beyond a prompt's own tokens is
 * no activation. It is marked with NaN, so that a mean that forgot to leave it out says so, instead of being a little wrong.
 * Axis letters: B prompts, T positions, S keys.
 */
import type { TensorData } from "../core/types.ts";

/** Where the positions are: the second axis, or for attention, [B, H, T, S], the third. */
export type PositionAxis = 1 | 2;

/**
 * Writes NaN beyond each prompt's length, in place. A key beyond the length keeps its 0 (score −∞): no token of the
 * prompt can see it.
 */
export function markPadding(
  { data, dims }: TensorData,
  axis: PositionAxis,
  lengths: readonly number[],
): void {
  const T = dims[axis]!;
  const inner = dims.slice(axis + 1).reduce((a, b) => a * b, 1);
  const outer = dims.slice(1, axis).reduce((a, b) => a * b, 1);
  lengths.forEach((length, b) => {
    for (let o = b * outer; o < (b + 1) * outer; o++) {
      data.fill(NaN, (o * T + length) * inner, (o + 1) * T * inner);
    }
  });
}

/** One prompt of a batch without its padding, batch axis kept: what a run of it alone gives. */
export function cutRow(
  { data, dims }: TensorData,
  axis: PositionAxis,
  row: number,
  length: number,
): TensorData {
  const T = dims[axis]!;
  const outer = dims.slice(1, axis).reduce((a, b) => a * b, 1);
  const inner = dims.slice(axis + 1).reduce((a, b) => a * b, 1);
  const keys = axis === 2 ? length : inner; // of attention the keys are cut too
  const out = new Float32Array(outer * length * keys);
  for (let o = 0; o < outer; o++) {
    for (let t = 0; t < length; t++) {
      const from = ((row * outer + o) * T + t) * inner;
      out.set(data.subarray(from, from + keys), (o * length + t) * keys);
    }
  }
  const sizes = [1, ...dims.slice(1, axis), length, ...dims.slice(axis + 1)];
  if (axis === 2) sizes[3] = keys;
  return { data: out, dims: sizes };
}
