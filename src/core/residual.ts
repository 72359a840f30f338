/**
 * What the residual-stream figures show: plain data. Axis letters: S states, C components, T positions. NaN where a vector of
 * length 0, which has no direction, is asked for one.
 */
import type { TensorData, Tokens } from "./types.ts";

export interface StreamFacts {
  tokens: Tokens;
  /** 0_pre, 0_mid, 1_pre, …, final_post */
  states: string[];
  /** ‖x‖₂ of each state, [S, T], in the units of the residual stream */
  stateNorms: TensorData;
  /** Cosine of each two states of a position, [T, S, S] */
  stateCosines: TensorData;
  /** Their mean over the positions without the first, [S, S]; NaN for a prompt of one token */
  meanCosines: TensorData;
  /** embed, pos_embed, 0_attn_out, 0_mlp_out, …; last, if the stream itself is edited, what the edits put there */
  components: string[];
  /** ‖y‖₂ of what each component adds, [C, T] */
  componentNorms: TensorData;
  /** Cosine with the stream that it is added to, [C, T]; NaN for the first, embed, and for edits of the stream */
  componentCosines: TensorData;
  /** y·x / ‖x‖² with the final stream x, [C, T]: sums to 1 over the components */
  componentShares: TensorData;
}

/** The last of the components where the stream itself is edited. */
export const STREAM_EDITS = "stream edits";
