/** One step of SAE training: backward, clipping, Adam, unit norm, bookkeeping; all inside one synchronous `tidy`. */
import * as tf from "@tensorflow/tfjs-core";
import type { Scalar, Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import { adamRates, clipped, unitColumns, withoutParallel } from "./adam.ts";
import { adamUpdate, type AdamState, silenceAfter } from "./fused.ts";
import { addSums, deadLatents } from "./metrics.ts";
import { tidy } from "./ops.ts";
import { type Ends, type Scales, scaledPair } from "./pairs.ts";
import { disposeState, mapParameters, mapTensors, type TrainState } from "./parameters.ts";
import { backwardWithSkip } from "./skip.ts";
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
 * @param rows activations in the model's own scale, see `pairs.ts`; the caller keeps and disposes them
 * @returns the next state; the given one is disposed. If anything throws, the given state is as it was and nothing leaks.
 */
export function saeStep(state: TrainState, rows: Tensor2D, options: StepOptions): TrainState {
  const next = tidy((): TrainState => {
    const { variant, pressure, lr, step } = options;
    const pair = scaledPair(rows, options.ends, options.scales);
    const revive = options.revive && variant.revival === "by gradient";
    const dead = revive ? deadLatents(state.silence) : null;
    const back = backwardWithSkip(variant, state.params, pair, { pressure, dead });
    const { W_decT, ...others } = back.gradients;
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
      silence: silenceAfter(state.silence, back.activity, rows.shape[0]),
      least: moved(state.least, back.least, options.leastRate),
      ...addSums(state, back, norm, pair.y_BE, options.scales.output.centre),
    };
  });
  disposeState(state);
  return next;
}

const moved = (mean: Scalar, value: Scalar | undefined, rate: number): Scalar =>
  value ? tf.add(mean, tf.mul(tf.sub(value, mean), rate)) : tf.clone(mean);
