/**
 * A transcoder's skip connection, ŷ = f W_dec + b_dec + x W_skipᵀ: the features have y − x W_skipᵀ to rebuild, and with
 * g = ∂L/∂ŷ: ∂W_skip = gᵀ x. (Dunefsky et al., "Transcoders Find Interpretable LLM Feature Circuits", 2024; the skip
 * connection: Paulo et al., "Transcoders Beat Sparse Autoencoders for Interpretability", 2025.)
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import { timesTransposed, transposedTimes } from "./ops.ts";
import type { Pair } from "./pairs.ts";
import type { Parameters } from "./parameters.ts";
import type { Backward, Now, Variant } from "./variants/variant.ts";

/** What the features have to rebuild. To be called within a `tidy`. */
export const withoutSkip = ({ W_skip }: Parameters, { x_BD, y_BE }: Pair): Pair => ({
  x_BD,
  y_BE: W_skip ? tf.sub<Tensor2D>(y_BE, timesTransposed(W_skip)(x_BD)) : y_BE,
});

/** The variant's backward pass, with the gradient of the skip connection, if there is one. */
export function backwardWithSkip(
  variant: Variant,
  params: Parameters,
  pair: Pair,
  now: Now,
): Backward {
  const back = variant.backward(params, withoutSkip(params, pair), now);
  if (!params.W_skip) return back;
  const W_skip = transposedTimes(back.g_BE, pair.x_BD);
  return { ...back, gradients: { ...back.gradients, W_skip } };
}
