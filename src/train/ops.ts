/** Small tensor operations in the form that TensorFlow.js's WASM and WebGPU backends both run fast. */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";

/** `tf.tidy` for results whose type is an interface, which its own signature refuses. */
export const tidy = <T extends object>(make: () => T): T =>
  tf.tidy(make as unknown as () => tf.TensorContainer) as unknown as T;

/** act(a b + bias) in one kernel. */
export const dense = (
  a: Tensor2D,
  b: Tensor2D,
  bias?: Tensor1D,
  activation: "linear" | "relu" = "linear",
): Tensor2D => tf.fused.matMul({ a, b, ...(bias && { bias }), activation }) as Tensor2D;

/** Σ over rows, [R, C] → [C], as a product with ones: `sum` over the first axis transposes the whole matrix in WASM. */
export const columnSums = (matrix: Tensor2D): Tensor1D =>
  tf.reshape(tf.matMul(tf.ones([1, matrix.shape[0]]), matrix), [matrix.shape[1]]);

/**
 * aᵀ b, [D, F], and Σ over rows of b, [F], in one product: a row of ones is put under aᵀ. Summing a matrix as large as
 * [B, F] on its own costs the WASM backend as much as a tenth of the product.
 */
export function productWithSums(
  a_BD: Tensor2D,
  b_BF: Tensor2D,
): { product: Tensor2D; sums: Tensor1D } {
  const [B, D] = a_BD.shape;
  const F = b_BF.shape[1];
  const both = dense(tf.concat2d([tf.transpose(a_BD), tf.ones([1, B])], 0), b_BF);
  return {
    product: tf.slice2d(both, [0, 0], [D, F]),
    sums: tf.reshape(tf.slice2d(both, [D, 0], [1, F]), [F]),
  };
}

/**
 * max(x, 0) where x is among its row's k largest, else 0. A tie across the k-th place drops all that are equal there
 * (it does not happen with real activations); a comparison with broadcasting would be 100 times slower in WASM.
 */
export function keepLargest(x_RC: Tensor2D, k: number): Tensor2D {
  const [rows, columns] = x_RC.shape;
  const positive = tf.relu(x_RC);
  if (k >= columns) return positive;
  const below = tf.slice2d(tf.topk(x_RC, k + 1).values, [0, k], [rows, 1]);
  return tf.mul(positive, tf.step(tf.sub(x_RC, below)));
}
