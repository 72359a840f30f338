/**
 * What training changes: an SAE's parameters, Adam's two moments of each, and how long each latent has been silent.
 * The decoder is kept transposed, [E, F]: then a step needs no transpose of anything as large as [B, F].
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Scalar, Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";

export interface Parameters {
  W_enc: Tensor2D; // [D, F]
  W_decT: Tensor2D; // [E, F]
  b_enc: Tensor1D; // [F]
  b_dec: Tensor1D; // [E]
  /** A transcoder's skip connection. */
  W_skip?: Tensor2D; // [E, D]
  /** jumprelu: ln θ */
  log_threshold?: Tensor1D; // [F]
  /** gated */
  r_mag?: Tensor1D; // [F]
  b_mag?: Tensor1D; // [F]
}
export type ParameterName = keyof Parameters;
export type ParameterArrays = ValuesOf<Parameters, Float32Array>;
type ValuesOf<P, T> = { [K in keyof P]: T };

/** In this order they are made, read and updated. */
const NAMES = [
  ...(["W_enc", "W_decT", "b_enc", "b_dec", "W_skip"] as const),
  ...(["log_threshold", "r_mag", "b_mag"] as const),
];

/** Those that are there: every SAE has the first four. */
export const namesOf = (parameters: Parameters | ParameterArrays): ParameterName[] =>
  NAMES.filter((name) => parameters[name] !== undefined);

/** The same names, other values. */
export const mapParameters = <To>(
  from: Parameters | ParameterArrays,
  make: (name: ParameterName) => To,
): ValuesOf<Parameters, To> =>
  Object.fromEntries(namesOf(from).map((name) => [name, make(name)])) as unknown as ValuesOf<
    Parameters,
    To
  >;

/** The same with tensors, whose ranks the names tell. */
export const mapTensors = (
  from: Parameters,
  make: (name: ParameterName, value: Tensor) => Tensor,
): Parameters => mapParameters(from, (name) => make(name, from[name]!)) as Parameters;

export interface TrainState {
  params: Parameters;
  /** Adam's running mean of the gradient, and of its square. */
  m: Parameters;
  v: Parameters;
  /** Tokens since each latent was last active, [F]. */
  silence: Tensor1D;
  /** Running mean of the least activation kept (BatchTopK and Matryoshka); else 0. */
  least: Scalar;
  /** Sums since the last report, see `metrics.ts`: [3, E], [3 + parts of the loss] and [F]. */
  inputSums: Tensor2D;
  stepSums: Tensor1D;
  fires: Tensor1D;
}

/** The same as arrays: what a checkpoint holds. */
export interface StateArrays {
  params: ParameterArrays;
  m: ParameterArrays;
  v: ParameterArrays;
  silence: Float32Array;
  /** Not there in checkpoints of earlier versions, which had nothing to keep in it. */
  least?: number;
}

export function disposeState({ params, m, v, ...rest }: TrainState): void {
  tf.dispose([{ ...params }, { ...m }, { ...v }, { ...rest }]);
}

/** The rows of those that are matrices follow from their lengths. */
export const toTensors = (arrays: ParameterArrays, dIn: number, dSae: number): Parameters =>
  mapParameters(arrays, (name): Tensor => {
    const values = arrays[name]!;
    const columns = { W_enc: dSae, W_decT: dSae, W_skip: dIn }[name as string];
    return columns === undefined
      ? tf.tensor1d(values, "float32")
      : tf.tensor2d(values, [values.length / columns, columns], "float32");
  }) as Parameters;

export const zerosLike = (params: Parameters): Parameters =>
  mapTensors(params, (_, { shape }) => tf.zeros(shape));

export async function readParameters(params: Parameters): Promise<ParameterArrays> {
  const names = namesOf(params);
  const read = await Promise.all(names.map((name) => params[name]!.data<"float32">()));
  return Object.fromEntries(
    names.map((name, i) => [name, read[i]!.slice()]),
  ) as unknown as ParameterArrays;
}

/** Reads the whole state back: for checkpoints only. */
export async function readState(state: TrainState): Promise<StateArrays> {
  const [params, m, v, silence, least] = await Promise.all([
    readParameters(state.params),
    readParameters(state.m),
    readParameters(state.v),
    state.silence.data<"float32">(),
    state.least.data<"float32">(),
  ]);
  return { params, m, v, silence: silence.slice(), least: least[0]! };
}
