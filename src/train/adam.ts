/**
 * Adam (Kingma and Ba, 2015), the clipping of what it is given, and the decoder's constraint: its directions keep norm 1, and the part of their gradient that
 * only changes the norm is taken out first (Bricken et al., "Towards Monosemanticity", 2023), so that Adam's moments do
 * not follow a movement that the constraint undoes.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Scalar, Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import { type AdamState, adamUpdate, adamUpdateAcross, clip, dotsAndSquares } from "./fused.ts";
import type { AdamRates } from "./kernels/names.ts";
import {
  mapParameters,
  mapTensors,
  namesOf,
  type ParameterName,
  type Parameters,
  type TrainState,
} from "./parameters.ts";

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

/**
 * m ← β₁m + (1−β₁)g,  v ← β₂v + (1−β₂)g²,  w ← w − lr · m̂ / (√v̂ + ε), with m̂, v̂ corrected for their start at 0. Both
 * corrections are moved into two numbers: rate = lr √(1−β₂ᵗ) / (1−β₁ᵗ), ε' = ε √(1−β₂ᵗ).
 * @param step t, 1 for the first update
 */
export function adamRates(lr: number, step: number): AdamRates {
  const root = Math.sqrt(1 - BETA2 ** step);
  return {
    share1: 1 - BETA1,
    share2: 1 - BETA2,
    rate: (lr * root) / (1 - BETA1 ** step),
    epsilon: EPSILON * root,
  };
}

/** All gradients together are never longer than this, in SAELens as in dictionary_learning. */
const LONGEST = 1;

/**
 * The parameters and moments after an update, and the norm that all gradients together had.
 * @param unitDecoder whether the decoder's directions are of norm 1, and stay so
 * @param ratesOf a parameter
 */
export function updated(
  { params, m, v }: Pick<TrainState, "params" | "m" | "v">,
  gradients: Parameters,
  unitDecoder: boolean,
  ratesOf: (name: ParameterName) => AdamRates,
): Pick<TrainState, "params" | "m" | "v"> & { norm: Scalar } {
  const { W_decT } = gradients;
  const across = unitDecoder ? dotsAndSquares(W_decT, params.W_decT) : null;
  const others = namesOf(gradients).filter((name) => name !== "W_decT");
  const all = [...others.map((name) => gradients[name]!), W_decT];
  const clipped = clip(all, LONGEST, across);
  const next = mapParameters(params, (name): AdamState<Tensor> => {
    const now = { w: params[name]!, m: m[name]!, v: v[name]! };
    const rates = ratesOf(name);
    return name === "W_decT" && across
      ? adamUpdateAcross(now as AdamState<Tensor2D>, W_decT, across, clipped, rates)
      : adamUpdate(now, gradients[name]!, clipped, rates);
  });
  const pick = (key: keyof AdamState<Tensor>) => mapTensors(params, (name) => next[name]![key]);
  const norm = tf.reshape<tf.Rank.R0>(tf.slice1d(clipped, 0, 1), []);
  return { params: pick("w"), m: pick("m"), v: pick("v"), norm };
}
