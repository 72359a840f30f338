/**
 * One training run: owns the tensors, makes the steps, reports, and can be put away and taken up again. A run taken up
 * from a checkpoint makes, on the same batches, exactly the steps that the uninterrupted run would have made.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import type { SaeWeights } from "../core/sae.ts";
import { keyedRandom } from "../math/keyed-random.ts";
import { foldDecoderNorms } from "../math/sae.ts";
import { foldScale, transposed } from "./fold.ts";
import { initialState, measureScales } from "./init.ts";
import { type DensityHistogram, denseCount } from "../core/density.ts";
import { DensityWindow } from "./density.ts";
import { countFires } from "./fused.ts";
import { noSums, readReport, type Report } from "./metrics.ts";
import { disposeScales, scaledPair, type Scales } from "./pairs.ts";
import {
  disposeState,
  readParameters,
  readState,
  type StateArrays,
  toTensors,
  type TrainState,
} from "./parameters.ts";
import { resample } from "./resample.ts";
import { saeStep } from "./sae-step.ts";
import { learningRateAt, leastRateAt, type Plan, pressureAt, resamplesAfter } from "./schedule.ts";
import { variantOf } from "./variants/index.ts";
import type { Variant } from "./variants/variant.ts";

/** All that a run needs to go on, as plain data. */
export interface Checkpoint {
  /** Steps made. */
  step: number;
  scale: number;
  centre: Float32Array;
  /** The same of a transcoder's output. */
  out?: { scale: number; centre: Float32Array };
  /** Whether some latent was dead at the last report. */
  revive: boolean;
  arrays: StateArrays;
}

const RESAMPLE_STREAM = 2;
/** Values of f made at once, where no step needs them: 16 MB. */
const PART_VALUES = 4e6;

export class Trainer {
  readonly plan: Plan;
  readonly #variant: Variant;
  readonly #scales: Scales;
  #state: TrainState;
  #step: number;
  #revive: boolean;
  #stepsInSums = 0;
  readonly #density: DensityWindow;

  private constructor(
    plan: Plan,
    state: TrainState,
    scales: Scales,
    at: { step: number; revive: boolean },
  ) {
    this.plan = plan;
    this.#variant = variantOf(plan.recipe);
    this.#scales = scales;
    this.#state = state;
    this.#step = at.step;
    this.#revive = at.revive;
    this.#density = new DensityWindow(plan.dSae);
  }

  /** @param sample some thousand rows (`pairs.ts`) in the model's own scale, to tell scale and mean; the caller keeps them */
  static async start(plan: Plan, sample: Tensor2D): Promise<Trainer> {
    const scales = await measureScales(sample, plan);
    const state = initialState(variantOf(plan.recipe), plan, scales, sample);
    return new Trainer(plan, state, scales, { step: 0, revive: false });
  }

  static resume(plan: Plan, { step, scale, centre, out, revive, arrays }: Checkpoint): Trainer {
    const state: TrainState = {
      params: toTensors(arrays.params, plan.dIn, plan.dSae),
      m: toTensors(arrays.m, plan.dIn, plan.dSae),
      v: toTensors(arrays.v, plan.dIn, plan.dSae),
      silence: tf.tensor1d(arrays.silence, "float32"),
      least: tf.scalar(arrays.least ?? 0),
      ...noSums(plan),
    };
    const input = { scale, centre: tf.tensor1d(centre, "float32") };
    const output = out ? { scale: out.scale, centre: tf.tensor1d(out.centre, "float32") } : input;
    return new Trainer(plan, state, { input, output }, { step, revive });
  }

  /** What inputs are multiplied by. */
  get scale(): number {
    return this.#scales.input.scale;
  }

  /** Steps made. */
  get step(): number {
    return this.#step;
  }

  /** One step. @param rows [batchSize, D or D + E], see `pairs.ts`, in the model's own scale; the caller keeps them */
  train(rows: Tensor2D): void {
    const step = this.#step + 1;
    this.#state = saeStep(this.#state, rows, {
      variant: this.#variant,
      pressure: pressureAt(this.plan, step),
      lr: learningRateAt(this.plan, step),
      leastRate: leastRateAt(this.plan, step),
      step,
      ends: this.plan,
      scales: this.#scales,
      revive: this.#revive,
    });
    this.#step = step;
    this.#stepsInSums += 1;
  }

  /** Whether, after the step just made, dead latents should be given new directions. */
  get resamplesNow(): boolean {
    return this.#variant.revival === "resampled" && resamplesAfter(this.plan, this.#step);
  }

  /** Gives dead latents new directions. @returns how many */
  async resample(rows: Tensor2D): Promise<number> {
    const random = keyedRandom(this.plan.seed, RESAMPLE_STREAM, this.#step);
    const { state, revived } = await resample(
      this.#variant,
      this.#state,
      { rows, ends: this.plan, scales: this.#scales },
      random,
    );
    this.#state = state;
    return revived;
  }

  /** Means over the steps since the last report; at least one must have been made. Densities reach further back. */
  async report(): Promise<Report & { density: DensityHistogram; dense: number }> {
    const steps = this.#stepsInSums;
    const tokens = steps * this.plan.batchSize;
    this.#density.add(this.#state.fires, tokens);
    const [report, density] = await Promise.all([
      readReport(this.#state, this.#scales.output.centre, tokens, steps),
      this.#density.histogram(),
    ]);
    tf.dispose([this.#state.inputSums, this.#state.stepSums, this.#state.fires]);
    this.#state = { ...this.#state, ...noSums(this.plan) };
    this.#stepsInSums = 0;
    this.#revive = report.dead > 0;
    return { ...report, density, dense: denseCount(density) };
  }

  /** On how many of these rows each latent is active, [F]. @param rows as in `train`; the caller keeps them */
  async firesOn(rows: Tensor2D): Promise<Float32Array> {
    const fires = tf.tidy(() => {
      const counts = this.#inParts(rows, (f_BF) => countFires(f_BF));
      return counts.length === 1 ? tf.clone(counts[0]!) : tf.addN(counts);
    });
    const read = await fires.data<"float32">();
    fires.dispose();
    return read;
  }

  /** Activations of some latents on these rows, in the scale of training, [S, rows]. */
  activationsOn(rows: Tensor2D, latents: readonly number[]): Tensor2D {
    return tf.tidy(() => {
      const wanted = tf.tensor1d([...latents], "int32");
      const parts = this.#inParts(rows, (f_BF) => tf.transpose(tf.gather(f_BF, wanted, 1)));
      return tf.concat2d(parts, 1);
    });
  }

  /** f of some rows at a time, so that a wide SAE does not need all of f at once. */
  #inParts<T extends Tensor>(rows: Tensor2D, take: (f_BF: Tensor2D) => T): T[] {
    const [count, width] = rows.shape;
    const size = Math.max(1, Math.floor(PART_VALUES / this.plan.dSae));
    return Array.from({ length: Math.ceil(count / size) }, (_, i) =>
      tf.tidy(() => {
        const part = tf.slice2d(rows, [i * size, 0], [Math.min(size, count - i * size), width]);
        const { x_BD } = scaledPair(part, this.plan, this.#scales);
        return take(this.#variant.features(this.#state.params, x_BD));
      }),
    );
  }

  async checkpoint(): Promise<Checkpoint> {
    const { input, output } = this.#scales;
    const read = async ({ scale, centre }: Scales["input"]) => ({
      scale,
      centre: (await centre.data<"float32">()).slice(),
    });
    return {
      step: this.#step,
      ...(await read(input)),
      ...(output !== input && { out: await read(output) }),
      revive: this.#revive,
      arrays: await readState(this.#state),
    };
  }

  /** The SAE as it is now, for the model's own activations, with decoder rows of norm 1. */
  async weights(): Promise<SaeWeights> {
    const { dSae } = this.plan;
    const { input, output } = this.#scales;
    const [{ W_decT, log_threshold, ...rest }, least] = await Promise.all([
      readParameters(this.#state.params),
      this.#state.least.data<"float32">(),
    ]);
    const weights: SaeWeights = { ...rest, W_dec: transposed(W_decT, dSae) };
    const own = { weights, least: least[0]!, ...(log_threshold && { log_threshold }) };
    const finished = foldScale(this.#variant.finish?.(own) ?? weights, input.scale, output.scale);
    return this.#variant.unitDecoder ? finished : foldDecoderNorms(finished, dSae);
  }

  dispose(): void {
    disposeState(this.#state);
    disposeScales(this.#scales);
    this.#density.dispose();
  }
}
