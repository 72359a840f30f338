/** What the helpers of an `ActivationCache` take and give. */
import type { Basis } from "../core/basis.ts";
import type { Gpt2Config, TensorData } from "../core/types.ts";
import type { DecomposeMode } from "../math/residual-stack.ts";

/**
 * Components of the residual stream, one after another: [C, B, T, d_model]; without T where one position was taken, without
 * d_model where they were projected onto a direction.
 */
export interface ResidualStack extends TensorData {
  /** One for each component: "embed", "3_mlp_out", "L2H5" … */
  labels: string[];
  basis: Basis;
  /** The position taken of each prompt, absolute; null for all. */
  positions: number[] | null;
  /** The LayerNorm whose cached scale it was divided by ("ln_final", "blocks.2.ln1"), or null. */
  norm: string | null;
  /** Whether that LayerNorm's weight and bias are in it too: what the unembedding reads, as the raw lens has it. */
  affine: boolean;
}
export interface LogitAttribution extends TensorData {
  /** One for each component of the stack. */
  labels: string[];
  basis: Basis;
  /**
   * What no component writes: the unembedding's bias (in the raw basis the final LayerNorm's, unembedded), [B] or [B, T].
   * 0 for a stack that is `affine`: each component has it already.
   */
  bias: TensorData;
}

export interface PositionOption {
  /** One position of each prompt; negative counts from its own end. @default all */
  pos?: number;
}
export interface StackOptions extends PositionOption {
  /** Divide by the scale of the LayerNorm that reads the stream there. @default false */
  applyLn?: boolean;
  /** Up to the input of the layer's MLP instead of its attention. @default false */
  mlpInput?: boolean;
}
export interface AccumulatedOptions extends StackOptions {
  /** Also the stream between attention and MLP. @default false */
  inclMid?: boolean;
}
export interface DecomposeOptions extends StackOptions {
  /** @default "all" */
  mode?: DecomposeMode;
  /** @default true */
  inclEmbeds?: boolean;
}
export interface HeadOptions extends PositionOption {
  applyLn?: boolean;
  /** A last component with the rest of the stream. @default false */
  inclRemainder?: boolean;
}
export interface ProjectOption {
  /** [d_model]: only each component's product with this direction, which takes d_model times less memory. */
  projectOnto?: Float32Array;
}
export interface NeuronOptions extends StackOptions, ProjectOption {
  /** Which neurons of each layer. @default all */
  neurons?: readonly number[];
  inclRemainder?: boolean;
}
export interface FullOptions extends StackOptions, ProjectOption {
  /** One component a neuron instead of one an MLP. @default true */
  expandNeurons?: boolean;
}
export interface NormOptions extends PositionOption {
  mlpInput?: boolean;
  /** Each component's own mean and scale, and the final LayerNorm's weight and bias (raw): the logit lens. @default false */
  recomputeLn?: boolean;
}

/** A token by its id or its text (which must be one token). */
export type TokenChoice = number | string;
/** One for all, one a prompt, or one a prompt and position. */
export type TokenChoices =
  TokenChoice | readonly TokenChoice[] | readonly (readonly TokenChoice[])[];

/** What the helpers read of an `ActivationCache`. */
export interface CacheReader {
  readonly context: CacheContext;
  readonly basis: Basis;
  /** Tokens of each prompt. */
  readonly lengths: readonly number[];
  has(name: string): boolean;
  get(name: string): TensorData | undefined;
  /** @throws LabError "not-found" for what the run did not keep */
  need(name: string): TensorData;
}
/** What a cache needs to know of its model and its run. */
export interface CacheContext {
  config: Gpt2Config;
  /** All hook points of the model, in forward order. */
  hooks: readonly string[];
  basis: Basis;
  /** Tokens of each prompt. */
  lengths: readonly number[];
  /** Hook points that the run edited. */
  edited: ReadonlySet<string>;
  /** @throws LabError "bad-input" unless the text is one token */
  tokenId: (text: string) => number;
  /** A parameter by TransformerLens's name, in the cache's basis. */
  weight: (name: string) => Promise<TensorData>;
  /** Of a stream divided by its scale; `bare`: of what the final LayerNorm gives. */
  unembedding: (
    tokens: number[],
    bare: boolean,
  ) => Promise<{ directions: Float32Array; bias: Float32Array }>;
}
