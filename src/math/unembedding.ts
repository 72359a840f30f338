/**
 * Directions in the residual stream that read off a token's logit, after the final LayerNorm's centring and scale:
 * logit_t = Σ_D ((x − x̄)/scale) · u_t + β_t. Axis letters: N tokens asked for, V vocabulary, D d_model.
 * raw: u_t = w_lnf ⊙ W_U[:, t], β_t = b_lnf·W_U[:, t]. tl: both minus their mean over the vocabulary, which is
 * TransformerLens's W_U and b_U. u is centred over D as there, where LayerNorm leaves no mean to be seen.
 * TransformerLens without weight processing leaves w_lnf out; then attributions do not add up to the logit.
 */
import { centred } from "./rows.ts";

export interface Unembedding {
  /** u, [N, D] */
  directions: Float32Array;
  /** β, [N] */
  bias: Float32Array;
}

/**
 * @param head_VD the output head, [V, D]; `w_D` and `b_D` the final LayerNorm's
 * @param tokens ids below V
 * @param mean of `meanUnembedding`, for basis "tl"
 */
export function unembedding(
  head_VD: Float32Array,
  w_D: Float32Array,
  b_D: Float32Array,
  tokens: readonly number[],
  mean: Float64Array | null,
): Unembedding {
  const D = w_D.length;
  const directions = new Float32Array(tokens.length * D);
  const bias = new Float32Array(tokens.length);
  tokens.forEach((token, n) => {
    let sum = 0;
    for (let d = 0; d < D; d++) {
      const u = head_VD[token * D + d]! - (mean?.[d] ?? 0);
      directions[n * D + d] = u * w_D[d]!;
      sum += u * b_D[d]!;
    }
    bias[n] = sum;
  });
  return { directions: centred(directions, D), bias };
}

/** The mean over the vocabulary of the output head's rows, in float64. @param head_VD [V, D] @returns [D] */
export function meanUnembedding(head_VD: Float32Array, D: number): Float64Array {
  const V = head_VD.length / D;
  const mean = new Float64Array(D);
  for (let v = 0; v < V; v++) for (let d = 0; d < D; d++) mean[d]! += head_VD[v * D + d]! / V;
  return mean;
}
