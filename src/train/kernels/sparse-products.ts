/**
 * Products with a matrix of which few entries per row are not 0, as loops over those few: the decoding of what TopK and its
 * kin keep, and all that its gradient needs. Rows of the dense operands lie one after another in memory.
 * Axis letters: B tokens, D d_in, E d_out, F latents.
 */

/** f W, [B, E]. @param W [F, E] @param out [B, E], may hold anything */
export function sparseTimes(
  f: Float32Array,
  W: Float32Array,
  dSae: number,
  out: Float32Array,
): void {
  const E = W.length / dSae;
  out.fill(0);
  for (let b = 0, at = 0; at < f.length; b++, at += dSae) {
    const to = b * E;
    for (let i = 0; i < dSae; i++) {
      const value = f[at + i]!;
      if (value !== 0) addRow(out, to, value, W, i * E, E);
    }
  }
}

export interface SparseGradients {
  /** fᵀ g, [F, E] */
  W_dec: Float32Array;
  /** ∂preᵀ x, [F, D], with ∂pre = g Wᵀ where f is not 0 */
  W_enc: Float32Array;
  /** Σ_b ∂pre, [F] */
  b_enc: Float32Array;
  /** Σ_b f, [F] */
  activity: Float32Array;
}

/** @param g ∂L/∂ŷ, [B, E] @param x [B, D] @param W the decoder, [F, E] @param out all zeros */
export function sparseGradients(
  f: Float32Array,
  g: Float32Array,
  x: Float32Array,
  W: Float32Array,
  dSae: number,
  out: SparseGradients,
): void {
  const B = f.length / dSae;
  const [D, E] = [x.length / B, W.length / dSae];
  for (let b = 0; b < B; b++) {
    for (let i = 0; i < dSae; i++) {
      const value = f[b * dSae + i]!;
      if (value === 0) continue;
      const slope = dot(g, b * E, W, i * E, E);
      out.activity[i]! += value;
      out.b_enc[i]! += slope;
      addRow(out.W_dec, i * E, value, g, b * E, E);
      addRow(out.W_enc, i * D, slope, x, b * D, D);
    }
  }
}

function addRow(
  out: Float32Array,
  to: number,
  factor: number,
  row: Float32Array,
  from: number,
  length: number,
): void {
  for (let i = 0; i < length; i++) out[to + i]! += factor * row[from + i]!;
}

/** In four sums side by side: one would wait for itself at every step. */
function dot(a: Float32Array, i: number, b: Float32Array, j: number, length: number): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  let n = 0;
  for (; n + 3 < length; n += 4) {
    s0 += a[i + n]! * b[j + n]!;
    s1 += a[i + n + 1]! * b[j + n + 1]!;
    s2 += a[i + n + 2]! * b[j + n + 2]!;
    s3 += a[i + n + 3]! * b[j + n + 3]!;
  }
  for (; n < length; n++) s0 += a[i + n]! * b[j + n]!;
  return s0 + s1 + s2 + s3;
}
