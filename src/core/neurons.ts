/** What the figures of MLP neurons show: plain data. Axis letters: T positions, N neurons. */
import type { Basis } from "./basis.ts";
import type { FeatureExample, TokenEffect } from "./sae.ts";
import type { TensorData, Tokens } from "./types.ts";

/** An MLP's hidden unit. */
export interface NeuronId {
  layer: number;
  neuron: number;
}
export const neuronName = ({ layer, neuron }: NeuronId): string => `L${layer}N${neuron}`;

/** Reads "2.40 L1N7, 0.3": what makes no sense is left out, and what is named twice comes once. */
export function readNeurons(text: string): NeuronId[] {
  const found = [...text.matchAll(/(?:^|[\s,;])L?(\d{1,3})(?:\.|N)(\d{1,6})(?=$|[\s,;])/gi)];
  const ids = found.map(([, layer, neuron]) => ({ layer: Number(layer), neuron: Number(neuron) }));
  return withoutRepeats(ids);
}
export const writeNeurons = (neurons: readonly NeuronId[]): string =>
  neurons.map(({ layer, neuron }) => `${layer}.${neuron}`).join(" ");
export const withoutRepeats = (neurons: readonly NeuronId[]): NeuronId[] => [
  ...new Map(neurons.map((id) => [neuronName(id), id])).values(),
];

/** By what the strongest are chosen: the activation a, |a|, or |a|·‖W_out[n]‖, the length of what the neuron adds. */
export const NEURON_MEASURES = ["activation", "size", "write"] as const;
export type NeuronMeasure = (typeof NEURON_MEASURES)[number];

export interface NeuronRanking {
  measure: NeuronMeasure;
  /** null: all */
  layer: number | null;
  /** Neurons of each token. */
  n: number;
}
/** The strongest neurons of each token, strongest first. */
export interface ActiveNeurons {
  tokens: Tokens;
  /** Of each token; fewer than asked for if there are no more. */
  n: number;
  /** [T, n] */
  layers: Int32Array;
  neurons: Int32Array;
  /** mlp.hook_post, the same in both bases */
  activations: Float32Array;
  /** What they are ranked by; in the basis of the run. */
  scores: Float32Array;
}
/** Some neurons on every token. */
export interface NeuronValues {
  tokens: Tokens;
  neurons: NeuronId[];
  /** mlp.hook_post, [N, T] */
  activations: TensorData;
}

/** What a neuron's weights say by themselves. */
export interface NeuronWeights extends NeuronId {
  basis: Basis;
  /** ‖W_out[n]‖₂ */
  writeNorm: number;
  /** b_in[n] */
  bias: number;
  /** W_out[n] · W_U[:, v]; see `lab/direct-effects.ts` */
  promoted: TokenEffect[];
  suppressed: TokenEffect[];
  /** W_E[v] · W_in[:, n] */
  reads: TokenEffect[];
  readsLeast: TokenEffect[];
}

/** Features of an SAE that write into the residual stream as the neuron does. */
export interface NeuronFeatures extends NeuronId {
  sae: string;
  /** Of how many the nearest were chosen. */
  dSae: number;
  /** Median of the largest |cosine| that as many random directions would have. */
  byChance: number;
  /** By |cosine|, nearest first. */
  nearest: NearFeature[];
}
export interface NearFeature {
  feature: number;
  /** W_out[n] · W_dec[f] / (‖W_out[n]‖ ‖W_dec[f]‖), of the checkpoint's own weights */
  cosine: number;
  /** null where the SAE has not been measured, as are the next two */
  density: number | null;
  max: number | null;
  examples: FeatureExample[] | null;
}
export interface NeuronCorrelations extends NeuronId {
  sae: string;
  features: number[];
  /** Measured tokens of the corpus. */
  tokens: number;
  /** Pearson's r of the neuron's activation with each feature's; null where one of them is constant */
  correlations: (number | null)[];
}
