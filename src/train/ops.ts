/** Products in the form that each of TensorFlow.js's backends runs fast, and `tidy` with a type of its own. */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import { columnSums } from "./fused.ts";

/** `tf.tidy` for results whose type is an interface, which its own signature refuses. */
export const tidy = <T extends object>(make: () => T): T =>
  tf.tidy(make as unknown as () => tf.TensorContainer) as unknown as T;

/**
 * A GPU reads an operand of a product along either axis. On WASM a product with a transposed operand is some fifteen times
 * slower than transposing it first.
 */
const readsTransposed = (): boolean => tf.getBackend() === "webgpu";

/** act(a b + bias) in one kernel. */
export const dense = (
  a: Tensor2D,
  b: Tensor2D,
  bias?: Tensor1D,
  activation: "linear" | "relu" = "linear",
): Tensor2D => tf.fused.matMul({ a, b, ...(bias && { bias }), activation }) as Tensor2D;

/** x ↦ x bᵀ + bias: transposes b once where that is needed at all. */
export function timesTransposed(b: Tensor2D): (x: Tensor2D, bias?: Tensor1D) => Tensor2D {
  if (readsTransposed()) {
    return (a, bias) =>
      tf.fused.matMul({ a, b, transposeB: true, ...(bias && { bias }) }) as Tensor2D;
  }
  const bT: Tensor2D = tf.transpose(b);
  return (a, bias) => dense(a, bT, bias);
}

/** aᵀ b */
export const transposedTimes = (a: Tensor2D, b: Tensor2D): Tensor2D =>
  readsTransposed() ? tf.matMul(a, b, true, false) : tf.matMul(tf.transpose(a), b);

/**
 * aᵀ b, [D, F], and Σ over rows of b, [F]. In WASM it is one product, with a row of ones under aᵀ: summing a matrix as large
 * as [B, F] on its own costs as much as a tenth of the product.
 */
export function transposedTimesWithSums(
  a_BD: Tensor2D,
  b_BF: Tensor2D,
): { product: Tensor2D; sums: Tensor1D } {
  if (readsTransposed()) return { product: transposedTimes(a_BD, b_BF), sums: columnSums(b_BF) };
  const [B, D] = a_BD.shape;
  const F = b_BF.shape[1];
  const both = dense(tf.concat2d([tf.transpose(a_BD), tf.ones([1, B])], 0), b_BF);
  return {
    product: tf.slice2d(both, [0, 0], [D, F]),
    sums: tf.reshape(tf.slice2d(both, [D, 0], [1, F]), [F]),
  };
}
