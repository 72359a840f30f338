/**
 * Direct logit attribution as plain data: what is asked, and what the figures show. Axis letters: C components, S states,
 * L layers, H heads, T positions, P positions asked for, m d_mlp. NaN where a position has no target.
 */
import type { TensorData, Tokens } from "./types.ts";

/** A token by its text as it stands in a prompt, with its space: " Mary". */
export interface TokenText {
  text: string;
}
export interface TargetChoice {
  /** likeliest: the model's first choice at each position in the run without edits; next: the token that comes there. */
  target: "likeliest" | "next" | TokenText;
  /** What is taken off: nothing, the likeliest other token in the run without edits, or a token. */
  against: "nothing" | "runnerUp" | TokenText;
}
/** The logit, or the difference of two, that is attributed at one position. */
export interface Target {
  token: { id: number; string: string };
  against: { id: number; string: string } | null;
}

export interface Attribution {
  tokens: Tokens;
  /** One a position; null where there is none: nothing comes after the last token. */
  targets: (Target | null)[];
  /** The model's own logit (difference), [T] */
  logits: Float32Array;
  /** What of it no component writes, [T]: parts + bias = logit */
  bias: Float32Array;
  /** embed, pos_embed, 0_attn_out, 0_mlp_out, …; last, if the stream itself is edited, what the edits put there */
  components: string[];
  /** [C, T] in logits */
  written: TensorData;
  /** 0_pre, 0_mid, 1_pre, …, final_post */
  states: string[];
  /** The stream so far, read as if nothing came after it, with the final LayerNorm's scale: [S, T] */
  accumulated: TensorData;
  /** [L, H, T]; NaN at positions whose heads were not asked for, as in the next */
  heads: TensorData;
  /** What of each attn_out no head writes: b_O, and what edits of attn_out did, [L, T] */
  attnRest: TensorData;
}

/** By single neurons, at some positions. */
export interface NeuronAttribution {
  tokens: Tokens;
  at: NeuronsAt[];
}
export interface NeuronsAt {
  position: number;
  target: Target;
  /** [L, m]: what each writes, in logits */
  written: TensorData;
  /** [L, m]: its activation, `hook_post` */
  activations: TensorData;
  /** All mlp_out less all neurons: b_out, and what edits of mlp_out did */
  mlpRest: number;
  /** Embeddings, attention, and edits of the stream */
  others: number;
  bias: number;
  /** The model's own: neurons + mlpRest + others + bias */
  logit: number;
}
