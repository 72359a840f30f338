/**
 * One training run: owns the tensors, makes the steps, reports, and can be put away and taken up again. A run taken up
 * from a checkpoint makes, on the same batches, exactly the steps that the uninterrupted run would have made.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import type { SaeWeights } from "../core/sae.ts";
import { keyedRandom } from "../math/keyed-random.ts";
import { foldScale } from "./fold.ts";
import { initialState, measureScale } from "./init.ts";
import { noSums, readReport, type Report } from "./metrics.ts";
import {
  disposeState,
  PARAMETER_NAMES,
  readState,
  type StateArrays,
  toTensors,
  type TrainState,
} from "./parameters.ts";
import { resample } from "./resample.ts";
import { saeStep } from "./sae-step.ts";
import { lambdaAt, learningRateAt, type Plan } from "./schedule.ts";

/** All that a run needs to go on, as plain data. */
export interface Checkpoint {
  /** Steps made. */
  step: number;
  scale: number;
  centre: Float32Array;
  /** Whether some latent was dead at the last report. */
  revive: boolean;
  arrays: StateArrays;
}

const RESAMPLE_STREAM = 2;

export class Trainer {
  readonly plan: Plan;
  readonly scale: number;
  readonly #centre: Tensor1D;
  #state: TrainState;
  #step: number;
  #revive: boolean;
  #stepsInSums = 0;

  private constructor(
    plan: Plan,
    state: TrainState,
    input: { scale: number; centre: Tensor1D },
    at: { step: number; revive: boolean },
  ) {
    this.plan = plan;
    this.scale = input.scale;
    this.#centre = input.centre;
    this.#state = state;
    this.#step = at.step;
    this.#revive = at.revive;
  }

  /** @param sample_BD some thousand activations in the model's own scale, to tell scale and mean; the caller keeps them */
  static async start(plan: Plan, sample_BD: Tensor2D): Promise<Trainer> {
    const input = await measureScale(sample_BD);
    const state = initialState(plan.dIn, plan.dSae, plan.seed, input.centre);
    return new Trainer(plan, state, input, { step: 0, revive: false });
  }

  static resume(plan: Plan, { step, scale, centre, revive, arrays }: Checkpoint): Trainer {
    const state: TrainState = {
      params: toTensors(arrays.params, plan.dIn, plan.dSae),
      m: toTensors(arrays.m, plan.dIn, plan.dSae),
      v: toTensors(arrays.v, plan.dIn, plan.dSae),
      silence: tf.tensor1d(arrays.silence, "float32"),
      ...noSums(plan.dIn),
    };
    const input = { scale, centre: tf.tensor1d(centre, "float32") };
    return new Trainer(plan, state, input, { step, revive });
  }

  /** Steps made. */
  get step(): number {
    return this.#step;
  }

  /** One step. @param raw_BD [batchSize, D] in the model's own scale; the caller keeps it */
  train(raw_BD: Tensor2D): void {
    const step = this.#step + 1;
    this.#state = saeStep(this.#state, raw_BD, {
      variant: this.plan.variant,
      l1: lambdaAt(this.plan, step),
      k: this.plan.k,
      lr: learningRateAt(this.plan, step),
      step,
      scale: this.scale,
      centre: this.#centre,
      revive: this.#revive,
    });
    this.#step = step;
    this.#stepsInSums += 1;
  }

  /** Gives dead latents new directions (L1). @returns how many */
  async resample(raw_BD: Tensor2D): Promise<number> {
    const random = keyedRandom(this.plan.seed, RESAMPLE_STREAM, this.#step);
    const { state, revived } = await resample(this.#state, raw_BD, this.scale, random);
    this.#state = state;
    return revived;
  }

  /** Means over the steps since the last report; at least one must have been made. */
  async report(): Promise<Report> {
    const steps = this.#stepsInSums;
    const report = await readReport(this.#state, steps * this.plan.batchSize, steps);
    tf.dispose([this.#state.inputSums, this.#state.latentSums]);
    this.#state = { ...this.#state, ...noSums(this.plan.dIn) };
    this.#stepsInSums = 0;
    this.#revive = report.dead > 0;
    return report;
  }

  async checkpoint(): Promise<Checkpoint> {
    return {
      step: this.#step,
      scale: this.scale,
      centre: (await this.#centre.data<"float32">()).slice(),
      revive: this.#revive,
      arrays: await readState(this.#state),
    };
  }

  /** The SAE as it is now, for the model's own activations. */
  async weights(): Promise<SaeWeights> {
    const { params } = this.#state;
    const [W_enc, W_decT, b_enc, b_dec] = await Promise.all(
      PARAMETER_NAMES.map((name) => params[name].data<"float32">()),
    );
    return foldScale({ W_enc: W_enc!, W_decT: W_decT!, b_enc: b_enc!, b_dec: b_dec! }, this.scale);
  }

  dispose(): void {
    disposeState(this.#state);
    this.#centre.dispose();
  }
}
