/** What the prediction and logit-lens figures show: plain data. Axis letters: S states, T positions, K likeliest tokens. */
import type { Prediction, Tokens } from "./types.ts";

/** What the model said of the token that comes next in the text, at each position but the last: T − 1 numbers each. */
export interface ActualNext {
  /** −ln p at temperature 1, in nats */
  loss: Float32Array;
  /** 1 for the likeliest; equal logits share the better rank */
  rank: Int32Array;
  logit: Float32Array;
  /** At the figure's temperature. */
  probability: Float32Array;
}

export interface PredictionFacts {
  tokens: Tokens;
  /** τ: probabilities and entropies are of softmax(z / τ); losses always of softmax(z). */
  temperature: number;
  actual: ActualNext;
  /** Mean of the losses, in nats a token, and e to it; null where no token has one before it. */
  meanLoss: number | null;
  perplexity: number | null;
  /** Of the next-token distribution at each position, in bits, [T] */
  entropy: Float32Array;
  /** At each position, the K likeliest. */
  top: Prediction[];
}

/** One token's chances in many places. */
export interface TokenChances {
  id: number;
  string: string;
  logit: Float32Array;
  /** Of the softmax over the whole vocabulary. */
  probability: Float32Array;
  /** 1 for the likeliest; equal logits share the better rank. As float32, so that NaN can say "not known". */
  rank: Float32Array;
}
/** The same for each position's own next token: [.., T], NaN at the last position. */
export type NextChances = Omit<TokenChances, "id" | "string">;

export interface TrackedFacts {
  tokens: Tokens;
  temperature: number;
  /** [T] each */
  tracked: TokenChances[];
}

/** A token to follow: as text that is one token, or as its id. */
export type TrackedToken = string | number;

export interface LensFacts {
  tokens: Tokens;
  /** 0_pre, 0_mid, 1_pre, …, final_post; without `mid` no …_mid */
  states: string[];
  /** The likeliest tokens of each cell, likeliest first, [S, T, K]; −1 in a cell that is not computed yet */
  topIds: Int32Array;
  /** [S, T, K], NaN in a cell that is not computed yet, as everywhere below */
  topLogits: Float32Array;
  topProbabilities: Float32Array;
  /** The text of every id among them. */
  strings: Record<number, string>;
  /** −Σ p log₂ p, in bits, [S, T] */
  entropy: Float32Array;
  /** KL(final ‖ lens) in bits, [S, T] */
  divergence: Float32Array;
  /** The token that comes next in the text, [S, T] */
  next: NextChances;
  /** [S, T] each */
  tracked: TokenChances[];
}
/** Any tokens' chances at one state of the lens. */
export interface LensTokens {
  tokens: Tokens;
  state: string;
  /** Positions; those past the prompt's end are left out. */
  at: number[];
  /** A number for each of those positions. */
  tracked: TokenChances[];
}
export interface LensProgress {
  /** Cells of all. */
  done: number;
  total: number;
  /** An estimate; null until the first cells have been timed. */
  secondsLeft: number | null;
  /** What is there so far. */
  soFar: LensFacts;
}
