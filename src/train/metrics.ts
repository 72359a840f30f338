/**
 * What a report says of the steps since the last one. The sums stay on the device; a report reads six numbers.
 * Explained variance as in math/reconstruction.ts, its total as Σ‖x − c‖² − ‖Σ(x − c)‖²/n about a fixed centre c near
 * the mean, so that float32 keeps its digits.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import { DEAD_AFTER_TOKENS } from "../core/sae.ts";
import { tokenSums } from "./fused.ts";
import type { TrainState } from "./parameters.ts";
import type { Backward } from "./variants/variant.ts";

/** `inputSums` as of `tokenSums`, [3, D]; `latentSums`: Σ sparsity loss (a sum over steps) and Σ active latents, [2]. */
type Sums = Pick<TrainState, "inputSums" | "latentSums">;

export const noSums = (dIn: number): Sums => ({
  inputSums: tf.zeros([3, dIn]),
  latentSums: tf.zeros([2]),
});

/** To be called within a `tidy`. */
export const addSums = (
  { inputSums, latentSums }: Sums,
  { error, sparsityLoss, active }: Backward,
  x_BD: Tensor2D,
  centre: Tensor1D,
): Sums => ({
  inputSums: tf.add(inputSums, tokenSums(error, x_BD, centre)),
  latentSums: tf.add(latentSums, tf.stack([sparsityLoss, active])),
});

/** [F], 1 where a latent has been silent for `DEAD_AFTER_TOKENS` tokens. */
export const deadLatents = (silence: Tensor1D): Tensor1D =>
  tf.step(tf.sub(silence, DEAD_AFTER_TOKENS - 0.5));

export interface Report {
  reconstructionLoss: number;
  sparsityLoss: number;
  l0: number;
  /** NaN if all inputs were equal. */
  explainedVariance: number;
  dead: number;
}

/** Reads the sums of `tokens` tokens in `steps` steps: a few numbers, the only read-back of training. */
export async function readReport(
  state: TrainState,
  tokens: number,
  steps: number,
): Promise<Report> {
  const few = tf.tidy(() => {
    const [squaredErrors, offsets, squares] = tf.unstack(state.inputSums);
    const numbers = [
      tf.sum(squaredErrors!),
      tf.sum(tf.square(offsets!)),
      tf.sum(squares!),
      tf.sum(deadLatents(state.silence)),
    ];
    return tf.concat1d([state.latentSums, tf.stack(numbers) as Tensor1D]);
  });
  const [sparsity, active, residual, square, about, dead] = await few.data<"float32">();
  few.dispose();
  return {
    reconstructionLoss: residual! / tokens,
    sparsityLoss: sparsity! / steps,
    l0: active! / tokens,
    explainedVariance: 1 - residual! / (about! - square! / tokens),
    dead: dead!,
  };
}
