/** One step of SAE training: backward, Adam, unit norm, bookkeeping; all inside one synchronous `tidy`. */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import { adamRates, unitColumns, withoutParallel } from "./adam.ts";
import { adamUpdate, type AdamState, silenceAfter } from "./fused.ts";
import { backward, type Objective } from "./gradients.ts";
import { addSums, deadLatents } from "./metrics.ts";
import { tidy } from "./ops.ts";
import { disposeState, mapParameters, type Parameters, type TrainState } from "./parameters.ts";

export interface StepOptions {
  variant: "standard" | "topk";
  /** λ of this step */
  l1: number;
  k: number;
  lr: number;
  /** 1 for the first step */
  step: number;
  /** Multiplies the inputs. */
  scale: number;
  /** Near the mean of the scaled inputs, [D]; see metrics.ts. */
  centre: Tensor1D;
  /** Whether some latent was dead at the last report (TopK). */
  revive: boolean;
}

/**
 * @param raw_BD activations in the model's own scale; the caller keeps and disposes them
 * @returns the next state; the given one is disposed. If anything throws, the given state is as it was and nothing leaks.
 */
export function saeStep(state: TrainState, raw_BD: Tensor2D, options: StepOptions): TrainState {
  const next = tidy((): TrainState => {
    const { variant, l1, k, lr, step, revive } = options;
    const x_BD = tf.mul<Tensor2D>(raw_BD, options.scale);
    const objective: Objective =
      variant === "standard"
        ? { variant, l1 }
        : { variant, k, dead: revive ? deadLatents(state.silence) : null };
    const back = backward(state.params, x_BD, objective);
    const gradients: Parameters = {
      ...back.gradients,
      W_decT: withoutParallel(back.gradients.W_decT, state.params.W_decT),
    };
    const rates = adamRates(lr, step);
    const updated = mapParameters((name) => {
      const now: AdamState<tf.Tensor> = {
        w: state.params[name],
        m: state.m[name],
        v: state.v[name],
      };
      return adamUpdate(now, gradients[name], rates);
    });
    return {
      params: {
        ...pick(updated, "w"),
        W_decT: unitColumns(updated.W_decT.w as Tensor2D),
      },
      m: pick(updated, "m"),
      v: pick(updated, "v"),
      silence: silenceAfter(state.silence, back.activity, x_BD.shape[0]),
      ...addSums(state, back, x_BD, options.centre),
    };
  });
  disposeState(state);
  return next;
}

const pick = (
  updated: Record<keyof Parameters, AdamState<tf.Tensor>>,
  key: keyof AdamState<tf.Tensor>,
): Parameters => mapParameters((name) => updated[name][key]) as unknown as Parameters;
