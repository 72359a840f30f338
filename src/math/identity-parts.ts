/**
 * The few operations of which the self-check's identities are made, in float64 and by plain loops: what the engine
 * computed with fast kernels is computed again from its own parts. Axis letters: R rows, D d_model, H heads, T queries,
 * S keys, h d_head, N tokens.
 */
import { largestMagnitude, type Pair } from "./deviation.ts";

/** sum = a + b (+ …): rounding errors are in proportion to the largest part. */
export function sumPair(
  where: string,
  found: Float32Array,
  ...parts: readonly Float32Array[]
): Pair {
  const expected = Float64Array.from({ length: parts[0]!.length }, (_, i) =>
    parts.reduce((total, part) => total + part[i]!, 0),
  );
  return { where, expected, found, scale: largestMagnitude(found, ...parts) };
}

/** Σ over the heads of [R, H, D], plus a bias [D], as [R, D]. */
export function headSum(result_RHD: Float32Array, bias_D: Float32Array, nHeads: number) {
  const D = bias_D.length;
  const out_RD = new Float64Array(result_RHD.length / nHeads);
  for (let i = 0; i < out_RD.length; i++) {
    const r = Math.floor(i / D);
    const d = i % D;
    let sum = bias_D[d]!;
    for (let head = 0; head < nHeads; head++) sum += result_RHD[(r * nHeads + head) * D + d]!;
    out_RD[i] = sum;
  }
  return out_RD;
}

/** The sum of each row of length n. */
export function rowSums(x: Float32Array, n: number): Float64Array {
  return Float64Array.from({ length: x.length / n }, (_, r) => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += x[r * n + i]!;
    return sum;
  });
}

/** Softmax of each row of length n; −∞ gives 0. */
export function rowSoftmax(scores: Float32Array, n: number): Float64Array {
  const out = new Float64Array(scores.length);
  for (let from = 0; from < scores.length; from += n) {
    let largest = -Infinity;
    for (let i = from; i < from + n; i++) largest = Math.max(largest, scores[i]!);
    let sum = 0;
    for (let i = from; i < from + n; i++) sum += out[i] = Math.exp(scores[i]! - largest);
    for (let i = from; i < from + n; i++) out[i]! /= sum;
  }
  return out;
}

/** z[t, H] = Σ_s pattern[H, t, s] · v[s, H]. @param pattern [H, T, T] @param v [T, H, h] @returns [T, H, h] */
export function attend(pattern: Float32Array, v: Float32Array, T: number, H: number): Float64Array {
  const h = v.length / (T * H);
  const z = new Float64Array(v.length);
  for (let head = 0; head < H; head++) {
    for (let t = 0; t < T; t++) {
      for (let s = 0; s < T; s++) {
        const weight = pattern[(head * T + t) * T + s]!;
        for (let i = 0; i < h; i++)
          z[(t * H + head) * h + i]! += weight * v[(s * H + head) * h + i]!;
      }
    }
  }
  return z;
}

/** The scale √(mean (x − x̄)² + ε) of each row. @param x [R, D] @returns [R] */
export function rowScales(x: Float32Array, D: number, epsilon: number): Float64Array {
  return Float64Array.from({ length: x.length / D }, (_, r) => {
    const row = x.subarray(r * D, (r + 1) * D);
    let mean = 0;
    for (const value of row) mean += value / D;
    let variance = 0;
    for (const value of row) variance += (value - mean) ** 2 / D;
    return Math.sqrt(variance + epsilon);
  });
}

/** w · (x − x̄) [+ b · scale]: LayerNorm before its division. @param x [R, D] */
export function unscaledNorm(
  x: Float32Array,
  scale_R: Float32Array,
  w: Float32Array,
  b: Float32Array,
): Float64Array {
  const D = w.length;
  const out = new Float64Array(x.length);
  for (let r = 0; r * D < x.length; r++) {
    let mean = 0;
    for (let d = 0; d < D; d++) mean += x[r * D + d]! / D;
    for (let d = 0; d < D; d++) {
      out[r * D + d] = w[d]! * (x[r * D + d]! - mean) + b[d]! * scale_R[r]!;
    }
  }
  return out;
}

/**
 * Logits out of what was written into the stream: Σ over components of (c − c̄) · u / scale, plus the bias.
 * @param components each the last row [D] @param u_ND @param bias_N @returns [N]
 */
export function attributed(
  components: readonly Float32Array[],
  scale: number,
  u_ND: Float32Array,
  bias_N: Float32Array,
): { logits: Float64Array; largest: number } {
  const D = components[0]!.length;
  let largest = 0;
  const logits = Float64Array.from(bias_N, (bias, n) => {
    let sum = bias;
    for (const component of components) {
      let mean = 0;
      for (const value of component) mean += value / D;
      let part = 0;
      for (let d = 0; d < D; d++) part += (component[d]! - mean) * u_ND[n * D + d]!;
      largest = Math.max(largest, Math.abs(part / scale));
      sum += part / scale;
    }
    return sum;
  });
  return { logits, largest };
}

/** log softmax of a row at some indices. @returns [N] */
export function logProbabilities(logits_V: Float32Array, at: readonly number[]): Float64Array {
  let largest = -Infinity;
  for (const z of logits_V) largest = Math.max(largest, z);
  let sum = 0;
  for (const z of logits_V) sum += Math.exp(z - largest);
  return Float64Array.from(at, (i) => logits_V[i]! - largest - Math.log(sum));
}
