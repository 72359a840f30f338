/**
 * The parts of a training step that are not products. Each is defined here by plain operations; where the backend has a
 * kernel of ours that does all of it in one pass (`kernels/`), that one runs. On a GPU most of a step's time would go
 * into launching the plain ones.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Scalar, Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import { type AdamRates, isRegistered, KERNELS, type OwnKernel } from "./kernels/names.ts";

/** By the backend's own kernel, or else plainly. */
export function fused<T extends Tensor | Tensor[]>(
  name: OwnKernel,
  inputs: Record<string, Tensor>,
  attributes: Record<string, number>,
  plainly: () => T,
): T {
  return isRegistered(name, tf.getBackend())
    ? tf.engine().runKernel<T>(name, inputs, attributes)
    : tf.tidy(plainly);
}

/**
 * x where it is above 0 and among its row's k largest, else 0; [R, C]. What equals the k-th largest is kept as well:
 * with real activations there is no such thing.
 */
export function keepLargest(x_RC: Tensor2D, k: number): Tensor2D {
  const [rows, columns] = x_RC.shape;
  if (k >= columns) return tf.relu(x_RC);
  return fused(KERNELS.keepLargest, { x: x_RC }, { k }, () => {
    const kth = tf.slice2d(tf.topk(x_RC, k).values, [0, k - 1], [rows, 1]);
    return tf.mul<Tensor2D>(tf.relu(x_RC), tf.sub(1, tf.step(tf.sub(kth, x_RC))));
  });
}

/**
 * x where it is above 0 and among the `count` largest of the whole matrix, else 0; and the least of what is kept, which is
 * 0 where fewer than `count` are above 0. Equals are treated as in `keepLargest`.
 */
export function keepLargestOfAll(x_RC: Tensor2D, count: number): { kept: Tensor2D; least: Scalar } {
  const inputs = { x: x_RC, start: tf.tensor1d([0, count]) };
  const [kept, least] = fused(KERNELS.keepLargestOfAll, inputs, { count }, (): Tensor[] => {
    const values = tf.relu(tf.reshape(x_RC, [-1]));
    const kth = tf.slice(tf.topk(values, Math.min(count, values.size)).values, [count - 1], [1]);
    return [tf.mul(tf.relu(x_RC), tf.sub(1, tf.step(tf.sub(kth, x_RC)))), kth];
  });
  inputs.start.dispose();
  return { kept: kept as Tensor2D, least: tf.reshape(least!, []) };
}

/** x where it is above its column's threshold (which is above 0), else 0; [R, C]. */
export const jump = (x_RC: Tensor2D, threshold_C: Tensor1D): Tensor2D =>
  fused(KERNELS.jump, { x: x_RC, threshold: threshold_C }, {}, () =>
    tf.mul<Tensor2D>(x_RC, tf.step(tf.sub(x_RC, threshold_C))),
  );

/** Σ over rows of [|x − centre| < width/2], and of that times d; [2, C]. */
export const windowSums = (
  x_RC: Tensor2D,
  d_RC: Tensor2D,
  centre_C: Tensor1D,
  width: number,
): Tensor2D =>
  tf.tidy(() => {
    const low = tf.sub<Tensor1D>(centre_C, width / 2);
    const high = tf.add<Tensor1D>(centre_C, width / 2);
    return fused(KERNELS.windowSums, { x: x_RC, d: d_RC, low, high }, {}, () => {
      const inside = tf.mul<Tensor2D>(tf.step(tf.sub(x_RC, low)), tf.step(tf.sub(high, x_RC)));
      return tf.stack([columnSums(inside), columnDots(inside, d_RC)]) as Tensor2D;
    });
  });

/** d where f is above 0, else 0: the gradient through ReLU or TopK. */
export const gate = (d_BF: Tensor2D, f_BF: Tensor2D): Tensor2D =>
  fused(KERNELS.gate, { d: d_BF, f: f_BF }, {}, () => tf.mul<Tensor2D>(d_BF, tf.step(f_BF)));

/** Σ over rows, [R, C] → [C]. As a product with ones: `sum` over the first axis transposes the whole matrix. */
export const columnSums = (a_RC: Tensor2D): Tensor1D =>
  fused(KERNELS.columnSums, { a: a_RC }, {}, () =>
    tf.reshape<tf.Rank.R1>(tf.matMul(tf.ones([1, a_RC.shape[0]]), a_RC), [a_RC.shape[1]]),
  );

/** Σ over rows of a ∘ b, [C]. */
export const columnDots = (a_RC: Tensor2D, b_RC: Tensor2D): Tensor1D =>
  fused(KERNELS.columnDots, { a: a_RC, b: b_RC }, {}, () => columnSums(tf.mul(a_RC, b_RC)));

/** How many entries of each column are above 0, [F]. */
export const countFires = (f_BF: Tensor2D): Tensor1D =>
  fused(KERNELS.countFires, { f: f_BF }, {}, () => columnSums(tf.step(f_BF)));

/** Over the tokens, per entry of the activation, [3, D]: Σ error², Σ (x − c), Σ (x − c)². */
export const tokenSums = (error_BD: Tensor2D, x_BD: Tensor2D, centre_D: Tensor1D): Tensor2D =>
  fused(KERNELS.tokenSums, { error: error_BD, x: x_BD, centre: centre_D }, {}, () => {
    const off_BD = tf.sub<Tensor2D>(x_BD, centre_D);
    const sums = [columnDots(error_BD, error_BD), columnSums(off_BD), columnDots(off_BD, off_BD)];
    return tf.stack(sums) as Tensor2D;
  });

/** Tokens since each latent was last active, after `tokens` more; it was active on some of them if `activity` > 0. */
export const silenceAfter = (silence: Tensor1D, activity: Tensor1D, tokens: number): Tensor1D =>
  fused(KERNELS.silence, { silence, activity }, { tokens }, () =>
    tf.mul<Tensor1D>(tf.add(silence, tokens), tf.sub(1, tf.step(activity))),
  );

export interface AdamState<T extends Tensor> {
  w: T;
  m: T;
  v: T;
}

/** m ← m + s₁(g − m),  v ← v + s₂(g² − v),  w ← w − rate · m / (√v + ε) */
export function adamUpdate<T extends Tensor>(
  { w, m, v }: AdamState<T>,
  g: T,
  rates: AdamRates,
): AdamState<T> {
  const next = fused(KERNELS.adam, { w, g, m, v }, { ...rates }, (): Tensor[] => {
    const mNext = tf.add(m, tf.mul(tf.sub(g, m), rates.share1));
    const vNext = tf.add(v, tf.mul(tf.sub(tf.square(g), v), rates.share2));
    const change = tf.div(mNext, tf.add(tf.sqrt(vNext), rates.epsilon));
    return [tf.sub(w, tf.mul(change, rates.rate)), mNext, vNext];
  });
  return { w: next[0] as T, m: next[1] as T, v: next[2] as T };
}
