/** What is asked about one feature of an SAE beside its stored dashboard: plain data. */
import type { NeuronId } from "./neurons.ts";

/** How much of an example is shown: Neuronpedia's snippet (±16 tokens), stacked (±5), and all of it. */
export const EXAMPLE_WIDTHS = ["medium", "short", "whole"] as const;
export type ExampleWidth = (typeof EXAMPLE_WIDTHS)[number];

export interface FeatureRef {
  sae: string;
  feature: number;
}

export interface AlignedNeuron extends NeuronId {
  cosine: number;
}
/** Neurons of one layer whose weights are alike with a feature's, by |cosine|. */
export interface FeatureNeurons extends FeatureRef {
  layer: number;
  /** cos of what the feature writes into the stream with W_out[n]: they write the same. */
  writes: AlignedNeuron[];
  /** cos of W_enc[:, f] with W_in[:, n]: they read the same. null where the SAE does not read the stream. */
  reads: AlignedNeuron[] | null;
  /** Of an SAE of mlp.hook_post: its neurons with the largest |W_dec[f, n]|, and each one's share of Σ|W_dec[f]|. */
  entries: { neuron: number; weight: number; share: number }[] | null;
  /** Median of the largest |cosine| that as many random directions would have. */
  byChance: number;
}

/** Features of other SAEs that write in the same direction. */
export interface OtherNeighbours {
  saeId: string;
  name: string;
  hook: string;
  dSae: number;
  nearest: { feature: number; cosine: number }[];
  byChance: number;
}
export interface FeatureAcross extends FeatureRef {
  others: OtherNeighbours[];
}

/** A feature on a text of the user's. */
export interface FeatureOnText extends FeatureRef {
  /** Without BOS, which the model read before them. */
  tokens: string[];
  activations: Float32Array;
  /** How many tokens the text has, if it was too long for the model; else null. */
  truncatedFrom: number | null;
}

/** Features by what they do to one output token; see `lab/direct-effects.ts`. */
export interface FeaturesByToken {
  sae: string;
  token: { id: number; string: string };
  /** Largest first. */
  promote: { feature: number; effect: number }[];
  /** Smallest first. */
  suppress: { feature: number; effect: number }[];
}

/** `along`: the feature is taken out on every token at once. `here`: on one token at a time, everywhere else left as it is. */
export const ABLATION_MODES = ["along", "here"] as const;
export type AblationMode = (typeof ABLATION_MODES)[number];
export interface AblationRequest extends FeatureRef {
  mode: AblationMode;
  /** Token ids; BOS is put before each. */
  contexts: number[][];
}
/** One of them. */
export interface ContextEffects {
  context: number;
  /** ln p(next token), ablated less plain, of each token, in nats; 0 where nothing was ablated; NaN where no next is known. */
  effects: Float32Array;
}
export interface AblationEffects extends FeatureRef {
  mode: AblationMode;
  contexts: ContextEffects[];
}

/** A piece of a long answer. */
export interface Counted {
  done: number;
  total: number;
}
