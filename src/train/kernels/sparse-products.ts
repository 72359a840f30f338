/**
 * Products with a matrix of which few entries per row are not 0, as loops over those few: the decoding of what TopK and its
 * kin keep, and all that its gradient needs. Rows of the dense operands lie one after another in memory.
 * Axis letters: B tokens, D d_in, E d_out, F latents, of which only those of a range [from, to) may take part (R of them).
 */
import type { RowLoops } from "./row-loops.ts";

/** Which of f's columns take part. */
export interface FeatureRange {
  from: number;
  to: number;
}
/** Where a matrix lies, and the length of its rows, in numbers. */
export interface Placed {
  at: number;
  width: number;
}

/** Calls `act` with token, feature and value of each entry of f [B, F] within the range that is not 0. */
function eachKept(
  f: Float32Array,
  dSae: number,
  { from, to }: FeatureRange,
  act: (b: number, i: number, value: number) => void,
): void {
  for (let b = 0, start = 0; start < f.length; b++, start += dSae) {
    for (let i = from; i < to; i++) {
      const value = f[start + i]!;
      if (value !== 0) act(b, i, value);
    }
  }
}

/** f W, added to out [B, E]. @param W [F, E] */
export function sparseTimes(
  { addRow }: RowLoops,
  f: Float32Array,
  dSae: number,
  range: FeatureRange,
  W: Placed,
  out: Placed,
): void {
  const E = W.width;
  eachKept(f, dSae, range, (b, i, value) => addRow(out.at + b * E, value, W.at + i * E, E));
}

export interface SparseGradients {
  /** fᵀ g, [R, E] */
  W_dec: Placed;
  /** ∂preᵀ x, [R, D], with ∂pre = g Wᵀ where f is not 0 */
  W_enc: Placed;
  /** Σ_b ∂pre, [R] */
  b_enc: Float32Array;
  /** Σ_b f, [R] */
  activity: Float32Array;
}

/** @param g ∂L/∂ŷ, [B, E] @param x [B, D] @param W the decoder, [F, E] @param out all zeros: what is found is added */
export function sparseGradients(
  { addRow, dot }: RowLoops,
  f: Float32Array,
  dSae: number,
  range: FeatureRange,
  { g, x, W }: Record<"g" | "x" | "W", Placed>,
  out: SparseGradients,
): void {
  const [D, E] = [x.width, W.width];
  eachKept(f, dSae, range, (b, i, value) => {
    const r = i - range.from;
    const slope = dot(g.at + b * E, W.at + i * E, E);
    out.activity[r]! += value;
    out.b_enc[r]! += slope;
    addRow(out.W_dec.at + r * E, value, g.at + b * E, E);
    addRow(out.W_enc.at + r * D, slope, x.at + b * D, D);
  });
}
