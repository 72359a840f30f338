/** What the residual-stream figure shows: plain data. Axis letters: S states, C components, T positions. */
import type { TensorData, Tokens } from "./types.ts";

export interface StreamFacts {
  tokens: Tokens;
  /** 0_pre, 0_mid, 1_pre, …, final_post */
  states: string[];
  /** ‖x‖₂ of each state, [S, T], in the units of the residual stream */
  stateNorms: TensorData;
  /** embed, pos_embed, 0_attn_out, 0_mlp_out, … */
  components: string[];
  /** ‖y‖₂ of what each component adds, [C, T] */
  componentNorms: TensorData;
}
