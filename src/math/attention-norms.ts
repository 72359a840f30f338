/**
 * How much attention moves: weights times the length of what is moved (Kobayashi et al. 2020, "Attention is Not Only a
 * Weight"). Axis letters: T positions, Q queries, K keys, H heads, h d_head, D d_model. Sums in float64.
 */
import { LabError } from "../core/lab-error.ts";
import { rowCount } from "./rows.ts";

/** ‖v_k‖₂ of each head. @param v_THh [T, H, h] @returns [H, T], in the units of v */
export function valueNorms(v_THh: Float32Array, H: number, h: number): Float32Array {
  const T = rowCount(v_THh, H * h, "v");
  return Float32Array.from({ length: H * T }, (_, i) => {
    const [head, t] = [Math.floor(i / T), i % T];
    const from = (t * H + head) * h;
    let sum = 0;
    for (let j = from; j < from + h; j++) sum += v_THh[j]! ** 2;
    return Math.sqrt(sum);
  });
}

/**
 * W_O W_Oᵀ of each head: with it ‖v W_O‖² = v (W_O W_Oᵀ) vᵀ costs h² a position, in place of h·D.
 * @param W_O_HhD [H, h, D] @returns [H, h, h], symmetric
 */
export function outputGrams(W_O_HhD: Float32Array, H: number, h: number): Float64Array {
  const D = rowCount(W_O_HhD, H * h, "W_O");
  const gram_Hhh = new Float64Array(H * h * h);
  for (let head = 0; head < H; head++) {
    for (let i = 0; i < h; i++) {
      const row = (head * h + i) * D;
      for (let j = 0; j <= i; j++) {
        const other = (head * h + j) * D;
        let dot = 0;
        for (let d = 0; d < D; d++) dot += W_O_HhD[row + d]! * W_O_HhD[other + d]!;
        gram_Hhh[(head * h + i) * h + j] = gram_Hhh[(head * h + j) * h + i] = dot;
      }
    }
  }
  return gram_Hhh;
}

/**
 * ‖v_k W_O‖₂ of each head: the length of what it would write for one key with all of its attention. Rounding below 0 counts
 * as 0: relative to ‖v‖·‖W_O‖ the error is about 1e-8.
 * @param v_THh [T, H, h]; `gram_Hhh` of `outputGrams` @returns [H, T], in the units of the residual stream
 */
export function outputNorms(
  v_THh: Float32Array,
  gram_Hhh: Float64Array,
  H: number,
  h: number,
): Float32Array {
  const T = rowCount(v_THh, H * h, "v");
  if (gram_Hhh.length !== H * h * h) {
    throw new LabError("shape", `expected [${H}, ${h}, ${h}], got ${gram_Hhh.length}`);
  }
  return Float32Array.from({ length: H * T }, (_, n) => {
    const [head, t] = [Math.floor(n / T), n % T];
    const v = (t * H + head) * h;
    let square = 0;
    for (let i = 0; i < h; i++) {
      const row = (head * h + i) * h;
      let sum = 0;
      for (let j = 0; j < i; j++) sum += gram_Hhh[row + j]! * v_THh[v + j]!;
      square += v_THh[v + i]! * (2 * sum + gram_Hhh[row + i]! * v_THh[v + i]!);
    }
    return Math.sqrt(Math.max(0, square));
  });
}

/** A[q, k] · norm[k]. @param A_QK [T, T]; `norm_K` [T] @returns [T, T] */
export function weightedByKey(A_QK: Float32Array, norm_K: Float32Array): Float32Array {
  const T = norm_K.length;
  if (A_QK.length !== T * T) {
    throw new LabError("shape", `expected [${T}, ${T}] weights, got ${A_QK.length}`);
  }
  const out = new Float32Array(A_QK.length);
  for (let row = 0; row < out.length; row += T) {
    for (let k = 0; k < T; k++) out[row + k] = A_QK[row + k]! * norm_K[k]!;
  }
  return out;
}

/** Cell by cell, of patterns of one size. @throws LabError "degenerate" of none, "shape" of several sizes */
export function meanPattern(patterns: readonly Float32Array[]): Float32Array {
  const [first] = patterns;
  if (!first) throw new LabError("degenerate", "there is no mean of no patterns");
  const sum = new Float64Array(first.length);
  for (const pattern of patterns) {
    if (pattern.length !== sum.length) {
      throw new LabError("shape", `expected ${sum.length} weights, got ${pattern.length}`);
    }
    for (let i = 0; i < sum.length; i++) sum[i]! += pattern[i]!;
  }
  return Float32Array.from(sum, (total) => total / patterns.length);
}
