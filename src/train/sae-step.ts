/** One step of SAE training: backward, clipping, Adam, unit norm, bookkeeping; all inside one synchronous `tidy`. */
import * as tf from "@tensorflow/tfjs-core";
import type { Scalar, Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import { adamRates, clipped, unitColumns, withoutParallel } from "./adam.ts";
import { adamUpdate, type AdamState, silenceAfter } from "./fused.ts";
import { addSums, deadLatents } from "./metrics.ts";
import { tidy } from "./ops.ts";
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
  /** Multiplies the inputs. */
  scale: number;
  /** Near the mean of the scaled inputs, [D]; see metrics.ts. */
  centre: Tensor1D;
  /** Whether some latent was dead at the last report. */
  revive: boolean;
}

/**
 * @param raw_BD activations in the model's own scale; the caller keeps and disposes them
 * @returns the next state; the given one is disposed. If anything throws, the given state is as it was and nothing leaks.
 */
export function saeStep(state: TrainState, raw_BD: Tensor2D, options: StepOptions): TrainState {
  const next = tidy((): TrainState => {
    const { variant, pressure, lr, step } = options;
    const x_BD = tf.mul<Tensor2D>(raw_BD, options.scale);
    const revive = options.revive && variant.revival === "by gradient";
    const dead = revive ? deadLatents(state.silence) : null;
    const back = variant.backward(state.params, x_BD, { pressure, dead });
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
      silence: silenceAfter(state.silence, back.activity, x_BD.shape[0]),
      least: moved(state.least, back.least, options.leastRate),
      ...addSums(state, back, norm, x_BD, options.centre),
    };
  });
  disposeState(state);
  return next;
}

const moved = (mean: Scalar, value: Scalar | undefined, rate: number): Scalar =>
  value ? tf.add(mean, tf.mul(tf.sub(value, mean), rate)) : tf.clone(mean);
