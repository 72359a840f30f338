/**
 * Vectors through frozen parts, in float64: a LayerNorm whose scale is a number, y = (x − x̄)/s ⊙ w + b, is linear; products
 * with a matrix from either side. Axis letters: D d_model, I and O a matrix's rows and columns.
 */

export interface FrozenNorm {
  w: Float32Array; // [D]
  b: Float32Array; // [D]
  /** s by position. */
  scale: Float32Array; // [T]
}

/** The gradient by x of g·y but for 1/s: g ⊙ w, less its mean. */
export function throughNorm(g_D: Float64Array, { w }: Pick<FrozenNorm, "w">): Float64Array {
  const D = w.length;
  const out = new Float64Array(D);
  let mean = 0;
  for (let d = 0; d < D; d++) mean += (out[d] = g_D[d]! * w[d]!) / D;
  for (let d = 0; d < D; d++) out[d]! -= mean;
  return out;
}

export function dot(a: ArrayLike<number>, b: ArrayLike<number>, offset = 0): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[offset + i]!;
  return sum;
}

export function addScaled(out: Float64Array, factor: number, v: ArrayLike<number>, offset = 0) {
  for (let i = 0; i < out.length; i++) out[i]! += factor * v[offset + i]!;
}

/** W g, the gradient by x of g·(x W): [I]. `width` is that of W's rows, g stands at column `from`. */
export function pullBack(
  W: Float32Array,
  g_O: ArrayLike<number>,
  width = g_O.length,
  from = 0,
): Float64Array {
  const out = new Float64Array(W.length / width);
  for (let i = 0; i < out.length; i++) out[i] = dot(g_O, W, i * width + from);
  return out;
}

/** x W, [O]. */
export function pushOn(x_I: ArrayLike<number>, W: Float32Array): Float64Array {
  const O = W.length / x_I.length;
  const out = new Float64Array(O);
  for (let i = 0; i < x_I.length; i++) if (x_I[i]) addScaled(out, x_I[i]!, W, i * O);
  return out;
}
