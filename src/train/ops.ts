/** Products in the form that each of TensorFlow.js's backends runs fast, and `tidy` with a type of its own. */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";

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
