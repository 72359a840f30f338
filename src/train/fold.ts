/**
 * From the scaled inputs of training to the model's own activations. Training saw s·x; with f' = act((s·x) W_enc + b_enc)
 * and s·x̂ = f' W_dec + b_dec, dividing by s and calling f = f'/s gives
 *   f = act(x W_enc + b_enc/s),   x̂ = f W_dec + b_dec/s,
 * because ReLU and "the k largest" commute with a positive factor, and so does a threshold that is divided as well. So the
 * matrices stay, only what is added to or compared with activations shrinks, and f is in the units of x: with decoder rows
 * of norm 1, how far the feature moves the activation. (SAELens reaches the same by folding its scaling factor into the
 * weights and then the decoder norms into the encoder.)
 */
import type { SaeWeights } from "../core/sae.ts";

export function foldScale(weights: SaeWeights, scale: number): SaeWeights {
  const { W_enc, W_dec, b_enc, b_dec, threshold, r_mag, b_mag } = weights;
  const shrunk = (values: Float32Array) => values.map((v) => v / scale);
  return {
    W_enc,
    W_dec,
    b_enc: shrunk(b_enc),
    b_dec: shrunk(b_dec),
    ...(threshold && { threshold: shrunk(threshold) }),
    ...(r_mag && { r_mag }), // a factor
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
