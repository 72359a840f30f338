/** What there is to know of attention in one run, beside the pattern: plain data. */
import type { TensorData, Tokens } from "./types.ts";

export interface AttentionOptions {
  /** null: every layer. */
  layer: number | null;
}

/** Axis letters: l the layers asked for, H heads, T positions. */
export interface AttentionFacts {
  tokens: Tokens;
  /** The first layer told of. */
  layer: number;
  /** `hook_pattern`, [l, H, T, T] */
  pattern: TensorData;
  /** `hook_attn_scores`: scaled, before softmax, [l, H, T, T]; −∞ where masked. */
  scores: TensorData;
  /** ‖v_k‖ of each head's value vector, [l, H, T] */
  valueNorms: TensorData;
  /** ‖v_k W_O‖ of what the head would write for the key alone, [l, H, T], in the units of the residual stream */
  outputNorms: TensorData;
}
