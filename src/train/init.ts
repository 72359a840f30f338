/**
 * Where training starts: random unit decoder directions, the encoder their transpose, and the mean of the data taken
 * up by the biases, b_dec = x̄ and b_enc = −W_encᵀ x̄, so that no latent has to learn the mean.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import { LabError } from "../core/lab-error.ts";
import { keyedRandom, normal } from "../math/keyed-random.ts";
import { columnSums } from "./fused.ts";
import { noSums } from "./metrics.ts";
import { dense, tidy } from "./ops.ts";
import { type TrainState, zerosLike } from "./parameters.ts";
import type { Plan } from "./schedule.ts";
import type { SharedParameters, Variant } from "./variants/variant.ts";

const INIT_STREAM = 1;

/** [D, F] with columns of norm 1, in directions spread evenly over the sphere. */
export function randomDirections(dIn: number, dSae: number, seed: number): Float32Array {
  const random = keyedRandom(seed, INIT_STREAM);
  const W_DF = new Float32Array(dIn * dSae);
  const column = new Float64Array(dIn);
  for (let f = 0; f < dSae; f++) {
    let square = 0;
    for (let d = 0; d < dIn; d++) square += (column[d] = normal(random)) ** 2;
    for (let d = 0; d < dIn; d++) W_DF[d * dSae + f] = column[d]! / Math.sqrt(square);
  }
  return W_DF;
}

export interface InputScale {
  /** s = √D / mean ‖x‖ (SAELens's "expected_average_only_in"): after it the mean norm is √D. */
  scale: number;
  /** Mean of the scaled inputs, [D]. */
  centre: Tensor1D;
}

/** @throws LabError "degenerate" if the activations are all 0 or not finite, so that no scale can be told */
export async function measureScale(sample_BD: Tensor2D): Promise<InputScale> {
  const [tokens, dIn] = sample_BD.shape;
  const norm = tf.tidy(() => tf.mean(tf.sqrt(tf.sum(tf.square(sample_BD), 1))));
  const [meanNorm] = await norm.data<"float32">();
  norm.dispose();
  const scale = Math.sqrt(dIn) / meanNorm!;
  if (!(scale > 0 && scale < Infinity)) {
    throw new LabError(
      "degenerate",
      `the activations have a mean norm of ${meanNorm} over ${tokens} tokens, so they cannot be scaled; choose another hook point`,
    );
  }
  return { scale, centre: tf.tidy(() => tf.mul<Tensor1D>(columnSums(sample_BD), scale / tokens)) };
}

/** @param sample_BD activations in the model's own scale; the caller keeps them */
export function initialState(
  variant: Variant,
  { dIn, dSae, seed, recipe }: Pick<Plan, "dIn" | "dSae" | "seed" | "recipe">,
  { scale, centre }: InputScale,
  sample_BD: Tensor2D,
): TrainState {
  return tidy((): TrainState => {
    const W = tf.tensor2d(randomDirections(dIn, dSae, seed), [dIn, dSae]);
    const shared: SharedParameters = {
      W_enc: W,
      W_decT: tf.clone(W),
      b_enc: tf.neg<Tensor1D>(tf.reshape(dense(tf.reshape(centre, [1, dIn]), W), [dSae])),
      b_dec: tf.clone(centre),
    };
    const params = {
      ...shared,
      ...variant.ownParameters?.(shared, tf.mul<Tensor2D>(sample_BD, scale)),
    };
    return {
      params,
      m: zerosLike(params),
      v: zerosLike(params),
      silence: tf.zeros([dSae]),
      least: tf.scalar(0),
      ...noSums(dIn, dSae, recipe.variant),
    };
  });
}
