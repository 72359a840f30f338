/** One step of SAE training: backward, clipping, Adam, unit norm, bookkeeping; all inside one synchronous `tidy`. */
import * as tf from "@tensorflow/tfjs-core";
import type { Scalar, Tensor2D } from "@tensorflow/tfjs-core";
import { adamRates, updated } from "./adam.ts";
import { silenceAfter } from "./fused.ts";
import { addSums, deadLatents } from "./metrics.ts";
import { tidy } from "./ops.ts";
import { type Ends, type Scales, scaledPair } from "./pairs.ts";
import { disposeState, type TrainState } from "./parameters.ts";
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
    const { norm, ...next } = updated(state, back.gradients, variant.unitDecoder, (name) =>
      adamRates(lr * (variant.rates?.[name] ?? 1), step),
    );
    return {
      ...next,
      silence: silenceAfter(state.silence, back.fires, rows.shape[0]),
      least: moved(state.least, back.least, options.leastRate),
      ...addSums(state, back, norm, pair.y_BE, options.scales.output.centre),
    };
  });
  disposeState(state);
  return next;
}

const moved = (mean: Scalar, value: Scalar | undefined, rate: number): Scalar =>
  value ? tf.add(mean, tf.mul(tf.sub(value, mean), rate)) : tf.clone(mean);
