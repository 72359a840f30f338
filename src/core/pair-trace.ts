/** Why a head looks from one token to another, and what it moves there: plain data. */

export interface PairQuestion {
  ids: readonly number[];
  layer: number;
  head: number;
  query: number;
  key: number;
  /** What the values are told along: the logit of a typed token; or answers against wrong ones; or of the likeliest token. */
  along: { token: string } | { answers: readonly number[]; wrong: readonly number[] } | null;
}

/** What writes into the stream before the head reads it. `head` is null for an MLP; both are null beside the layers. */
export interface TracePart {
  /** "embed", "pos_embed", "3.1", "MLP 2", "bias" */
  name: string;
  layer: number | null;
  head: number | null;
}

export interface PairTrace {
  parts: readonly TracePart[];
  /** The run's own, scaled, before softmax; and after it. */
  score: number;
  weight: number;
  /** [query's part, key's part]; adds up to the score. */
  scores: Float64Array;
  /** What the head writes of this key along the direction, in logits: weight · v W_O · u / scale. */
  written: number;
  /** By the key's part; adds up to it. */
  values: Float64Array;
  /** The same for every key that the query sees. */
  keys: readonly { weight: number; score: number; written: number }[];
  /** The tokens whose logits make the direction: token strings. */
  plus: readonly string[];
  minus: readonly string[];
}
