/**
 * From the scaled inputs of training to the model's own activations. Training saw s·x; with f' = act((s·x) W_enc + b_enc)
 * and s·x̂ = f' W_dec + b_dec, dividing by s and calling f = f'/s gives
 *   f = act(x W_enc + b_enc/s),   x̂ = f W_dec + b_dec/s,
 * because ReLU and "the k largest" commute with a positive factor, and so does a threshold that is divided as well. So the
 * matrices stay, only what is added to or compared with activations shrinks, and f is in the units of x: with decoder rows
 * of norm 1, how far the feature moves the activation. (SAELens reaches the same by folding its scaling factor into the
 * weights and then the decoder norms into the encoder.)
 *
 * A transcoder saw s·x and rebuilt t·y. Its f is in the units of y, f = f'/t, so what is added shrinks by t, and both matrices
 * that x goes through grow by s/t:
 *   f = act(x W_enc·s/t + b_enc/t),   ŷ = f W_dec + b_dec/t + x W_skipᵀ·s/t.
 */
import type { SaeWeights } from "../core/sae.ts";

/** @param outScale t @default that of the input */
export function foldScale(weights: SaeWeights, scale: number, outScale = scale): SaeWeights {
  const { W_enc, W_skip, b_enc, b_dec, threshold, b_mag } = weights;
  const shrunk = (values: Float32Array) => values.map((v) => v / outScale);
  const ratio = scale / outScale;
  return {
    ...weights, // r_mag is a factor
    W_enc: ratio === 1 ? W_enc : W_enc.map((v) => v * ratio),
    b_enc: shrunk(b_enc),
    b_dec: shrunk(b_dec),
    ...(W_skip && { W_skip: W_skip.map((v) => v * ratio) }),
    ...(threshold && { threshold: shrunk(threshold) }),
    ...(b_mag && { b_mag: shrunk(b_mag) }),
  };
}

/** @param a_RC [R, C] @returns [C, R] */
export function transposed(a_RC: Float32Array, C: number): Float32Array {
  const R = a_RC.length / C;
  const out = new Float32Array(a_RC.length);
  for (let r = 0; r < R; r++) for (let c = 0; c < C; c++) out[c * R + r] = a_RC[r * C + c]!;
  return out;
}
