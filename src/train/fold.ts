/**
 * From the scaled inputs of training to the model's own activations. Training saw s·x; with f' = act(s W_encᵀ x + b_enc)
 * and s·x̂ = W_decᵀ f' + b_dec, dividing by s and calling f = f'/s gives
 *   f = act(W_encᵀ x + b_enc/s),   x̂ = W_decᵀ f + b_dec/s,
 * because ReLU and "the k largest" commute with a positive factor. So the weights stay, decoder rows keep norm 1, only
 * the biases shrink, and f is in the units of x: how far the feature moves the activation. (SAELens reaches the same by
 * folding its scaling factor into the weights and then the decoder norms into the encoder.)
 */
import type { SaeWeights } from "../core/sae.ts";

interface TrainedArrays {
  W_enc: Float32Array; // [D, F]
  W_decT: Float32Array; // [D, F]
  b_enc: Float32Array; // [F]
  b_dec: Float32Array; // [D]
}

export function foldScale(
  { W_enc, W_decT, b_enc, b_dec }: TrainedArrays,
  scale: number,
): SaeWeights {
  const dIn = b_dec.length;
  const dSae = b_enc.length;
  const W_dec = new Float32Array(W_decT.length);
  for (let d = 0; d < dIn; d++) {
    for (let f = 0; f < dSae; f++) W_dec[f * dIn + d] = W_decT[d * dSae + f]!;
  }
  return {
    W_enc: W_enc.slice(),
    W_dec,
    b_enc: b_enc.map((b) => b / scale),
    b_dec: b_dec.map((b) => b / scale),
  };
}
