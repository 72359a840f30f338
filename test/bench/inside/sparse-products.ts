/** Products over few features are the full ones, on the backend that is measured: a fast wrong step is not worth telling of. */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import { keepLargest } from "../../../src/train/fused.ts";
import {
  denseProducts,
  type FeatureGradients,
  type Products,
  sparseProducts,
} from "../../../src/train/sparse.ts";

interface Sizes {
  dIn: number;
  dSae: number;
  batch: number;
  k: number;
}
/** Of the largest value, that two ways of summing may differ by. */
const TOLERANCE = 1e-5;

export async function checkSparseProducts({ dIn, dSae, batch, k }: Sizes): Promise<void> {
  const normal = (shape: [number, number], seed: number): Tensor2D =>
    tf.randomNormal(shape, 0, 1, "float32", seed);
  const off = tf.tidy(() => {
    const W_decT = normal([dIn + 3, dSae], 1);
    const f = keepLargest(normal([batch, dSae], 2), k);
    const [g, x] = [normal([batch, dIn + 3], 3), normal([batch, dIn], 4)];
    const ends = [Math.floor(dSae / 5), Math.floor(dSae / 2), dSae];
    const gs = tf.randomNormal<tf.Rank.R3>([3, batch, dIn + 3], 0, 1, "float32", 5);
    const gradients = ({ W_enc, W_decT, sums }: FeatureGradients): Tensor[] => [
      ...[W_enc, W_decT, sums],
    ];
    const all = (products: Products): Tensor[] => [
      ...[products.decode(f), ...gradients(products.backward(f, g, x))],
      ...[products.decodeNested(ends, f), ...gradients(products.backwardNested(ends, f, gs, x))],
    ];
    const [wanted, found] = [all(denseProducts(W_decT)), all(sparseProducts(W_decT))];
    return tf.stack(
      wanted.map((w, i) => tf.div(tf.max(tf.abs(tf.sub(w, found[i]!))), tf.max(tf.abs(w)))),
    );
  });
  const shares = await off.data<"float32">();
  off.dispose();
  if (!shares.every((share) => share < TOLERANCE)) {
    throw new Error(`products over few features differ by ${shares.join(", ")}`);
  }
}
