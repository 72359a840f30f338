/**
 * What a report says of the steps since the last one. The sums stay on the device; a report reads seven numbers.
 * Explained variance as in math/reconstruction.ts, its total as Σ‖x − c‖² − ‖Σ(x − c)‖²/n about a fixed centre c near
 * the mean, so that float32 keeps its digits.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Scalar, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import { DEAD_AFTER_TOKENS } from "../core/sae.ts";
import { columnSums } from "./ops.ts";
import type { TrainState } from "./parameters.ts";
import type { Backward } from "./gradients.ts";

/** Σ‖x − x̂‖² · Σ sparsity loss (a sum over steps) · Σ active latents · Σ‖x − c‖² */
const SUMS = 4;

export const noSums = (): Tensor1D => tf.zeros([SUMS]);

export function addSums(
  state: Pick<TrainState, "sums" | "sumX">,
  { error, sparsityLoss, active }: Backward,
  centred_BD: Tensor2D,
): Pick<TrainState, "sums" | "sumX"> {
  const now = tf.stack([
    tf.sum<Scalar>(tf.square(error)),
    sparsityLoss,
    active,
    tf.sum<Scalar>(tf.square(centred_BD)),
  ]);
  return { sums: tf.add(state.sums, now), sumX: tf.add(state.sumX, columnSums(centred_BD)) };
}

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
  const few = tf.tidy(() =>
    tf.concat1d([
      state.sums,
      tf.reshape(tf.sum(tf.square(state.sumX)), [1]),
      tf.reshape(tf.sum(deadLatents(state.silence)), [1]),
    ]),
  );
  const [residual, sparsity, active, about, square, dead] = await few.data<"float32">();
  few.dispose();
  return {
    reconstructionLoss: residual! / tokens,
    sparsityLoss: sparsity! / steps,
    l0: active! / tokens,
    explainedVariance: 1 - residual! / (about! - square! / tokens),
    dead: dead!,
  };
}
