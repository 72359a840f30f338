/** One step of SAE training: backward, clipping, Adam, unit norm, bookkeeping; all inside one synchronous `tidy`. */
import * as tf from "@tensorflow/tfjs-core";
import type { Scalar, Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import { adamRates, clipped, unitColumns, withoutParallel } from "./adam.ts";
import { adamUpdate, type AdamState, silenceAfter } from "./fused.ts";
import { addSums, deadLatents } from "./metrics.ts";
import { tidy, timesTransposed, transposedTimes } from "./ops.ts";
import { type Ends, type Scales, scaledPair } from "./pairs.ts";
import { disposeState, mapParameters, mapTensors, type TrainState } from "./parameters.ts";
import type { Variant } from "./variants/variant.ts";

export interface StepOptions {
  variant: Variant;
  /** Share of the sparsity penalty that counts, 0 … 1. */
  pressure: number;
  lr: number;
  /** How far the running mean of the least activation kept moves, 0 … 1. */
  leastRate: number;
  /** 1 for the first step */
  step: number;
  ends: Ends;
  scales: Scales;
  /** Whether some latent was dead at the last report. */
  revive: boolean;
}

/**
 * A skip connection is part of the rebuilt y, so the features have y − x W_skipᵀ to rebuild, and with g = ∂L/∂ŷ:
 * ∂W_skip = gᵀ x.
 * @param rows activations in the model's own scale, see `pairs.ts`; the caller keeps and disposes them
 * @returns the next state; the given one is disposed. If anything throws, the given state is as it was and nothing leaks.
 */
export function saeStep(state: TrainState, rows: Tensor2D, options: StepOptions): TrainState {
  const next = tidy((): TrainState => {
    const { variant, pressure, lr, step } = options;
    const { x_BD, y_BE } = scaledPair(rows, options.ends, options.scales);
    const { W_skip } = state.params;
    const target = W_skip ? tf.sub<Tensor2D>(y_BE, timesTransposed(W_skip)(x_BD)) : y_BE;
    const revive = options.revive && variant.revival === "by gradient";
    const dead = revive ? deadLatents(state.silence) : null;
    const back = variant.backward(state.params, { x_BD, y_BE: target }, { pressure, dead });
    const { W_decT, ...rest } = back.gradients;
    const others = W_skip ? { ...rest, W_skip: transposedTimes(back.g_BE, x_BD) } : rest;
    const along = variant.unitDecoder ? withoutParallel(W_decT, state.params.W_decT) : W_decT;
    const { gradients, norm } = clipped({ W_decT: along, ...others });
    const updated = mapParameters(state.params, (name): AdamState<Tensor> => {
      const now = { w: state.params[name]!, m: state.m[name]!, v: state.v[name]! };
      return adamUpdate<Tensor>(
        now,
        gradients[name]!,
        adamRates(lr * (variant.rates?.[name] ?? 1), step),
      );
    });
    const pick = (key: keyof AdamState<Tensor>) =>
      mapTensors(state.params, (name) => updated[name]![key]);
    const params = pick("w");
    return {
      params: variant.unitDecoder ? { ...params, W_decT: unitColumns(params.W_decT) } : params,
      m: pick("m"),
      v: pick("v"),
      silence: silenceAfter(state.silence, back.activity, x_BD.shape[0]),
      least: moved(state.least, back.least, options.leastRate),
      ...addSums(state, back, norm, y_BE, options.scales.output.centre),
    };
  });
  disposeState(state);
  return next;
}

const moved = (mean: Scalar, value: Scalar | undefined, rate: number): Scalar =>
  value ? tf.add(mean, tf.mul(tf.sub(value, mean), rate)) : tf.clone(mean);
