/**
 * Adam (Kingma and Ba, 2015) on plain tensors, and the decoder's constraint: its directions keep norm 1, and the part
 * of their gradient that only changes the norm is taken out first (Bricken et al., "Towards Monosemanticity", 2023),
 * so that Adam's moments do not follow a movement that the constraint undoes.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import { columnSums } from "./ops.ts";

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

/**
 * m ← β₁m + (1−β₁)g,  v ← β₂v + (1−β₂)g²,  w ← w − lr · m̂ / (√v̂ + ε), with m̂, v̂ corrected for their start at 0.
 * @param step 1 for the first update
 */
export function adam<T extends Tensor>(
  w: T,
  g: T,
  m: T,
  v: T,
  lr: number,
  step: number,
): { w: T; m: T; v: T } {
  const mNext = tf.add<T>(m, tf.mul(tf.sub(g, m), 1 - BETA1));
  const vNext = tf.add<T>(v, tf.mul(tf.sub(tf.square(g), v), 1 - BETA2));
  // Both corrections moved into two numbers: lr' = lr √(1−β₂ᵗ) / (1−β₁ᵗ), ε' = ε √(1−β₂ᵗ).
  const root = Math.sqrt(1 - BETA2 ** step);
  const rate = (lr * root) / (1 - BETA1 ** step);
  const change = tf.div(mNext, tf.add(tf.sqrt(vNext), EPSILON * root));
  return { w: tf.sub<T>(w, tf.mul(change, rate)), m: mNext, v: vNext };
}

/** g − (g·w) w per column, for columns w of norm 1. */
export const withoutParallel = (g_DF: Tensor2D, w_DF: Tensor2D): Tensor2D =>
  tf.sub(g_DF, tf.mul(w_DF, columnSums(tf.mul(g_DF, w_DF))));

export const unitColumns = (w_DF: Tensor2D): Tensor2D =>
  tf.div(w_DF, tf.sqrt(columnSums(tf.square(w_DF))));
