/**
 * Adam (Kingma and Ba, 2015), the clipping of what it is given, and the decoder's constraint: its directions keep norm 1, and the part of their gradient that
 * only changes the norm is taken out first (Bricken et al., "Towards Monosemanticity", 2023), so that Adam's moments do
 * not follow a movement that the constraint undoes.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Scalar, Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import { columnDots } from "./fused.ts";
import type { AdamRates } from "./kernels/names.ts";
import { mapTensors, namesOf, type Parameters } from "./parameters.ts";

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

/**
 * m ← β₁m + (1−β₁)g,  v ← β₂v + (1−β₂)g²,  w ← w − lr · m̂ / (√v̂ + ε), with m̂, v̂ corrected for their start at 0. Both
 * corrections are moved into two numbers: rate = lr √(1−β₂ᵗ) / (1−β₁ᵗ), ε' = ε √(1−β₂ᵗ).
 * @param step t, 1 for the first update
 */
export function adamRates(lr: number, step: number): AdamRates {
  const root = Math.sqrt(1 - BETA2 ** step);
  return {
    share1: 1 - BETA1,
    share2: 1 - BETA2,
    rate: (lr * root) / (1 - BETA1 ** step),
    epsilon: EPSILON * root,
  };
}

/** All gradients together are never longer than this, in SAELens as in dictionary_learning. */
const LONGEST = 1;

/** The same direction in all parameters, with a norm of at most 1; and the norm that it had. */
export function clipped(gradients: Parameters): { gradients: Parameters; norm: Scalar } {
  const squares = namesOf(gradients).map((name) => squareSum(gradients[name]!));
  const norm = tf.sqrt<Scalar>(tf.addN(squares));
  const factor = tf.minimum(tf.div(LONGEST, tf.add(norm, 1e-6)), 1);
  return { gradients: mapTensors(gradients, (_, g) => tf.mul(g, factor)), norm };
}

const squareSum = (g: Tensor): Scalar =>
  tf.sum(g.rank === 2 ? columnDots(g as Tensor2D, g as Tensor2D) : tf.square(g));

/** g − (g·w) w per column, for columns w of norm 1. */
export const withoutParallel = (g_DF: Tensor2D, w_DF: Tensor2D): Tensor2D =>
  tf.sub(g_DF, tf.mul(w_DF, columnDots(g_DF, w_DF)));

export const unitColumns = (w_DF: Tensor2D): Tensor2D =>
  tf.div(w_DF, tf.sqrt(columnDots(w_DF, w_DF)));
