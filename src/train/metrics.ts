/**
 * What a report says of the steps since the last one. The sums stay on the device; a report reads some dozens of numbers.
 * Explained variance as in math/reconstruction.ts, its total as Σ‖x − c‖² − ‖Σ(x − c)‖²/n about a fixed centre c near
 * the mean, so that float32 keeps its digits.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Scalar, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import { LOSS_PARTS } from "../core/sae-recipe.ts";
import { DEAD_AFTER_TOKENS } from "../core/sae.ts";
import { tokenSums } from "./fused.ts";
import { type Ends, widthOut } from "./pairs.ts";
import type { TrainState } from "./parameters.ts";
import type { Plan } from "./schedule.ts";
import type { Backward } from "./variants/variant.ts";

/**
 * `inputSums` as of `tokenSums`, of what is rebuilt, [3, E]; `stepSums`: sums over the steps of sparsity loss, active latents,
 * norm of the gradient, and its parts, [3 + parts]; `fires`: tokens on which each latent was active, [F].
 */
type Sums = Pick<TrainState, "inputSums" | "stepSums" | "fires">;

export const noSums = (plan: Ends & Pick<Plan, "dSae" | "recipe">): Sums => ({
  inputSums: tf.zeros([3, widthOut(plan)]),
  stepSums: tf.zeros([3 + LOSS_PARTS[plan.recipe.variant].length]),
  fires: tf.zeros([plan.dSae]),
});

/** To be called within a `tidy`. @param norm of the gradient, before it is clipped */
export const addSums = (
  { inputSums, stepSums, fires }: Sums,
  back: Backward,
  norm: Scalar,
  y_BE: Tensor2D,
  centre: Tensor1D,
): Sums => {
  const { error, sparsityLoss, active, parts = [sparsityLoss] } = back;
  return {
    inputSums: tf.add(inputSums, tokenSums(error, y_BE, centre)),
    stepSums: tf.add(stepSums, tf.stack([sparsityLoss, active, norm, ...parts])),
    fires: tf.add(fires, back.fires),
  };
};

/** [F], 1 where a latent has been silent for `DEAD_AFTER_TOKENS` tokens. */
export const deadLatents = (silence: Tensor1D): Tensor1D =>
  tf.step(tf.sub(silence, DEAD_AFTER_TOKENS - 0.5));

export interface Report {
  reconstructionLoss: number;
  sparsityLoss: number;
  /** In the order of `LOSS_PARTS`. */
  lossParts: number[];
  l0: number;
  /** NaN if all that is rebuilt was equal. */
  explainedVariance: number;
  dead: number;
  gradientNorm: number;
  biasDistance: number;
}

/** Reads the sums of `tokens` tokens in `steps` steps: a few numbers, the only read-back of training. */
export async function readReport(
  state: TrainState,
  centre: Tensor1D,
  tokens: number,
  steps: number,
): Promise<Report> {
  const few = tf.tidy(() => {
    const [squaredErrors, offsets, squares] = tf.unstack(state.inputSums);
    const mean = tf.add(centre, tf.div(offsets!, tokens));
    const numbers = [
      tf.sum(squaredErrors!),
      tf.sum(tf.square(offsets!)),
      tf.sum(squares!),
      tf.sum(deadLatents(state.silence)),
      tf.norm(tf.sub(state.params.b_dec, mean)),
    ];
    return tf.concat1d([tf.stack(numbers) as Tensor1D, state.stepSums]);
  });
  const [residual, square, about, dead, distance, sparsity, active, norm, ...parts] =
    await few.data<"float32">();
  few.dispose();
  return {
    reconstructionLoss: residual! / tokens,
    sparsityLoss: sparsity! / steps,
    lossParts: parts.map((part) => part / steps),
    l0: active! / tokens,
    explainedVariance: 1 - residual! / (about! - square! / tokens),
    dead: dead!,
    gradientNorm: norm! / steps,
    biasDistance: distance!,
  };
}
