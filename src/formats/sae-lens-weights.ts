/** Weights of an imported SAE: refused if broken, and brought into the one form that Glassroom runs. */
import { LabError } from "../core/lab-error.ts";
import type { SaeWeights } from "../core/sae.ts";

/** @throws LabError "bad-file" naming the first value that is NaN or infinite */
export function checkFinite(name: string, values: Float32Array, file: string): Float32Array {
  const at = values.findIndex((v) => !Number.isFinite(v));
  if (at === -1) return values;
  throw new LabError(
    "bad-file",
    `${file} cannot be used: value ${at} of ${name} is ${values[at]}. Get or train the SAE again.`,
  );
}

/**
 * The same SAE with decoder rows of norm 1: W_enc·n, b_enc·n, W_dec/n per latent, n = ‖W_dec row‖. SAELens's TopK with
 * "rescale_acts_by_decoder_norm" compares pre-activations after this factor and divides it out when decoding.
 */
export function foldDecoderNorms(weights: SaeWeights, dIn: number, dSae: number): SaeWeights {
  const { W_enc, W_dec, b_enc, b_dec } = weights;
  const norms = Float64Array.from({ length: dSae }, (_, f) =>
    Math.sqrt(W_dec.subarray(f * dIn, (f + 1) * dIn).reduce((sum, v) => sum + v * v, 0)),
  );
  return {
    W_enc: W_enc.map((v, i) => v * norms[i % dSae]!),
    // A latent without a direction stays one: 0/0 would poison every reconstruction.
    W_dec: W_dec.map((v, i) => v / (norms[Math.floor(i / dIn)]! || 1)),
    b_enc: b_enc.map((v, f) => v * norms[f]!),
    b_dec,
  };
}
