/**
 * What training changes: an SAE's parameters, Adam's two moments of each, and how long each latent has been silent.
 * The decoder is kept transposed, [D, F]: then a step needs no transpose of anything as large as [B, F].
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";

export interface Parameters {
  W_enc: Tensor2D; // [D, F]
  W_decT: Tensor2D; // [D, F], columns of norm 1
  b_enc: Tensor1D; // [F]
  b_dec: Tensor1D; // [D]
}
export const PARAMETER_NAMES = ["W_enc", "W_decT", "b_enc", "b_dec"] as const;
export type ParameterName = (typeof PARAMETER_NAMES)[number];

export interface TrainState {
  params: Parameters;
  /** Adam's running mean of the gradient, and of its square. */
  m: Parameters;
  v: Parameters;
  /** Tokens since each latent was last active, [F]. */
  silence: Tensor1D;
  /** Sums since the last report, see `metrics.ts`: [3, D] and [2]. */
  inputSums: Tensor2D;
  latentSums: Tensor1D;
}

/** The same as arrays: what a checkpoint holds. */
export interface StateArrays {
  params: Record<ParameterName, Float32Array>;
  m: Record<ParameterName, Float32Array>;
  v: Record<ParameterName, Float32Array>;
  silence: Float32Array;
}

export const mapParameters = <T>(make: (name: ParameterName) => T): Record<ParameterName, T> => ({
  W_enc: make("W_enc"),
  W_decT: make("W_decT"),
  b_enc: make("b_enc"),
  b_dec: make("b_dec"),
});

export function disposeState({ params, m, v, silence, inputSums, latentSums }: TrainState): void {
  const parameters = [params, m, v].flatMap((p) => PARAMETER_NAMES.map((name) => p[name]));
  tf.dispose([...parameters, silence, inputSums, latentSums]);
}

export function toTensors(
  arrays: Record<ParameterName, Float32Array>,
  dIn: number,
  dSae: number,
): Parameters {
  return {
    W_enc: tf.tensor2d(arrays.W_enc, [dIn, dSae], "float32"),
    W_decT: tf.tensor2d(arrays.W_decT, [dIn, dSae], "float32"),
    b_enc: tf.tensor1d(arrays.b_enc, "float32"),
    b_dec: tf.tensor1d(arrays.b_dec, "float32"),
  };
}

/** Reads the whole state back: for checkpoints only. */
export async function readState(state: TrainState): Promise<StateArrays> {
  const read = async (p: Parameters) => {
    const [W_enc, W_decT, b_enc, b_dec] = await Promise.all(
      PARAMETER_NAMES.map(async (name) => (await p[name].data<"float32">()).slice()),
    );
    return { W_enc: W_enc!, W_decT: W_decT!, b_enc: b_enc!, b_dec: b_dec! };
  };
  const [params, m, v, silence] = await Promise.all([
    read(state.params),
    read(state.m),
    read(state.v),
    state.silence.data<"float32">(),
  ]);
  return { params, m, v, silence: silence.slice() };
}
