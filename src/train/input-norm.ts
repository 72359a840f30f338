/** `math/input-norm.ts` on the training backend: what is done to activations before they are encoded, and how it is undone. */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import type { InputNorm } from "../core/sae.ts";

const EPSILON = 1e-5;

/** Call within a tidy. */
export function normed(
  x_BD: Tensor2D,
  kind: InputNorm | undefined,
): { in_BD: Tensor2D; undo: (xHat_BD: Tensor2D) => Tensor2D } {
  if (!kind) return { in_BD: x_BD, undo: (xHat_BD) => xHat_BD };
  const D = x_BD.shape[1];
  if (kind === "constant_norm_rescale") {
    const scale_B1 = tf.sqrt(tf.mean(tf.square(x_BD), 1, true));
    return { in_BD: tf.div(x_BD, scale_B1), undo: (xHat_BD) => tf.mul(xHat_BD, scale_B1) };
  }
  const mean_B1 = tf.mean(x_BD, 1, true);
  const centred_BD = tf.sub<Tensor2D>(x_BD, mean_B1);
  if (kind === "centre") return { in_BD: centred_BD, undo: (xHat_BD) => tf.add(xHat_BD, mean_B1) };
  const scale_B1 = tf.sqrt(tf.div(tf.sum(tf.square(centred_BD), 1, true), D - 1));
  return {
    in_BD: tf.div(centred_BD, tf.add(scale_B1, EPSILON)),
    undo: (xHat_BD) => tf.add(tf.mul(xHat_BD, scale_B1), mean_B1),
  };
}
