/** Every option of an `ActivationCache`'s helpers, so that a misspelt one is refused. */
import type {
  AccumulatedOptions,
  DecomposeOptions,
  FullOptions,
  HeadOptions,
  NeuronOptions,
  NormOptions,
  StackOptions,
} from "./cache-types.ts";

type Known<T> = Record<keyof T, true>;

const STACK: Known<StackOptions> = { pos: true, applyLn: true, mlpInput: true };
export const ACCUMULATED_OPTIONS: Known<AccumulatedOptions> = { ...STACK, inclMid: true };
export const DECOMPOSE_OPTIONS: Known<DecomposeOptions> = {
  ...STACK,
  mode: true,
  inclEmbeds: true,
};
export const HEAD_OPTIONS: Known<HeadOptions> = { pos: true, applyLn: true, inclRemainder: true };
export const NEURON_OPTIONS: Known<NeuronOptions> = {
  ...STACK,
  projectOnto: true,
  neurons: true,
  inclRemainder: true,
};
export const FULL_OPTIONS: Known<FullOptions> = {
  ...STACK,
  projectOnto: true,
  expandNeurons: true,
};
export const NORM_OPTIONS: Known<NormOptions> = { pos: true, mlpInput: true, recomputeLn: true };
