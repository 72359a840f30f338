/** All that the bench shows of a prompt. */
import type { ActualNext } from "./prediction.ts";
import type { Prediction, TensorData, Tokens } from "./types.ts";

/** All that the bench shows of a prompt, from one forward pass. */
export interface PromptView {
  tokens: Tokens;
  /** Attention after softmax, [n_layer, n_head, T, T]. */
  pattern: TensorData;
  /** Likeliest next tokens at each position. */
  predictions: Prediction[];
  /** How far each token was expected by the position before it. */
  actual: ActualNext;
  /** Active features at each position, strongest first; null when no SAE was asked for. */
  features: PromptFeatures | null;
  milliseconds: number;
}

export interface PromptFeatures {
  saeId: string;
  /** per position */
  active: { feature: number; activation: number }[][];
}
