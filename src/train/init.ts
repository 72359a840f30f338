/**
 * Where training starts: random unit decoder directions, the encoder their transpose, and the mean of the data taken
 * up by the biases, b_dec = x̄ and b_enc = −W_encᵀ x̄, so that no latent has to learn the mean. A transcoder's decoder lies in
 * another space than its encoder: it starts with what is written where a latent is strong; b_dec = ȳ, and the skip
 * connection starts at 0 (SAELens's).
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import { LabError } from "../core/lab-error.ts";
import { keyedRandom, normal } from "../math/keyed-random.ts";
import { columnSums, keepLargest, unitColumns } from "./fused.ts";
import { noSums } from "./metrics.ts";
import { dense, tidy, transposedTimes } from "./ops.ts";
import {
  type Ends,
  type Pair,
  pairOf,
  type Scale,
  type Scales,
  scaledPair,
  widthOut,
} from "./pairs.ts";
import { type TrainState, zerosLike } from "./parameters.ts";
import type { Plan } from "./schedule.ts";
import type { SharedParameters, Variant } from "./variants/variant.ts";

const INIT_STREAM = 1;
const DECODER_STREAM = 5;

/** [D, F] with columns of norm 1, in directions spread evenly over the sphere. */
export function randomDirections(
  dIn: number,
  dSae: number,
  seed: number,
  stream = INIT_STREAM,
): Float32Array {
  const random = keyedRandom(seed, stream);
  const W_DF = new Float32Array(dIn * dSae);
  const column = new Float64Array(dIn);
  for (let f = 0; f < dSae; f++) {
    let square = 0;
    for (let d = 0; d < dIn; d++) square += (column[d] = normal(random)) ** 2;
    for (let d = 0; d < dIn; d++) W_DF[d * dSae + f] = column[d]! / Math.sqrt(square);
  }
  return W_DF;
}

/**
 * @param sample rows, see `pairs.ts`; the caller keeps them
 * @throws LabError "degenerate" if the activations are all 0 or not finite, so that no scale can be told
 */
export async function measureScales(sample: Tensor2D, ends: Ends): Promise<Scales> {
  if (!ends.out) {
    const input = await measureScale(sample);
    return { input, output: input };
  }
  const { x_BD, y_BE } = pairOf(sample, ends);
  try {
    const input = await measureScale(x_BD);
    const output = await measureScale(y_BE).catch((e: unknown) => {
      input.centre.dispose();
      throw e;
    });
    return { input, output };
  } finally {
    tf.dispose([x_BD, y_BE]);
  }
}

async function measureScale(sample_BD: Tensor2D): Promise<Scale> {
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

/** @param sample rows in the model's own scale, see `pairs.ts`; the caller keeps them */
export function initialState(
  variant: Variant,
  plan: Ends & Pick<Plan, "dSae" | "seed" | "recipe">,
  scales: Scales,
  sample: Tensor2D,
): TrainState {
  const { dIn, dSae, seed, out } = plan;
  const dOut = widthOut(plan);
  return tidy((): TrainState => {
    const W = tf.tensor2d(randomDirections(dIn, dSae, seed), [dIn, dSae]);
    const centre = tf.reshape<tf.Rank.R2>(scales.input.centre, [1, dIn]);
    const pair = scaledPair(sample, plan, scales);
    const shared: SharedParameters = {
      W_enc: W,
      W_decT: out ? writtenWith(W, pair, scales, seed) : tf.clone(W),
      b_enc: tf.neg<Tensor1D>(tf.reshape(dense(centre, W), [dSae])),
      b_dec: tf.clone(scales.output.centre),
    };
    const params = {
      ...shared,
      ...(out?.skip && { W_skip: tf.zeros<tf.Rank.R2>([dOut, dIn]) }),
      ...variant.ownParameters?.(shared, pair.x_BD),
    };
    return {
      params,
      m: zerosLike(params),
      v: zerosLike(params),
      silence: tf.zeros([dSae]),
      least: tf.scalar(0),
      ...noSums(plan),
    };
  });
}

/** Pre-activations that a decoder's start is told from. */
const SAMPLE_VALUES = 16e6;

/**
 * [E, F] with columns of norm 1: what is written on the tokens on which a latent is among the sixteenth that is strongest,
 * Σ_b f (y − ȳ). From random directions of its own a decoder finds far fewer of those that were planted.
 */
function writtenWith(
  W_enc: Tensor2D,
  { x_BD, y_BE }: Pair,
  { input, output }: Scales,
  seed: number,
): Tensor2D {
  const [dIn, dSae] = W_enc.shape;
  const [n, dOut] = y_BE.shape;
  const rows = Math.min(n, Math.max(1, Math.floor(SAMPLE_VALUES / dSae)));
  const x = tf.sub<Tensor2D>(tf.slice2d(x_BD, [0, 0], [rows, dIn]), input.centre);
  const y = tf.sub<Tensor2D>(tf.slice2d(y_BE, [0, 0], [rows, dOut]), output.centre);
  const strongest = keepLargest(dense(x, W_enc), Math.ceil(dSae / 16));
  // A latent that is never among them has a random direction.
  const random = tf.tensor2d(randomDirections(dOut, dSae, seed, DECODER_STREAM), [dOut, dSae]);
  return unitColumns(tf.add(transposedTimes(y, strongest), tf.mul(random, 1e-3)));
}
