/**
 * What can be asked of a run to see whether a known behaviour shows in it: plain data, so that a prompt of the gallery says
 * what is true of it and the worker finds out on whatever model is on the bench.
 */

/** A token of the prompt: its nth occurrence from the start, the first 0; from the end, the last −1. */
export interface TokenPlace {
  token: string;
  nth: number;
}
/** A head's score on the prompt (`math/head-scores.ts`): detect_head's, nothing left out; mean weight on the first token. */
export type HeadRuleScore = "previous" | "induction" | "first";
/** Names one head by what it does, since which one does it is another matter in every model. */
export type HeadRule =
  | { rule: "score"; score: HeadRuleScore }
  /** The head with the greatest weight from the last token to this one. */
  | { rule: "looks"; to: TokenPlace };

export type Claim =
  /** After the last token the first are likelier than the others, each list's probabilities summed up. */
  | { claim: "prefers"; tokens: readonly string[]; over: readonly string[] }
  /** Of the two-digit tokens, those above a number are likelier together than the others. */
  | { claim: "later"; than: number }
  /** A token with this in it is among so many likeliest next ones; or, with `not`, none is. */
  | { claim: "among"; text: string; within: number; not?: true }
  /** The head of a rule does it at least so much. */
  | { claim: "head"; head: HeadRule; least: number };

export interface GalleryQuestion {
  claims: readonly Claim[];
  /** What holds of the second prompt of a comparison instead. */
  otherClaims: readonly Claim[];
  /** The head to look at; null: none in particular. */
  head: HeadRule | null;
  /** The position to look at. */
  position: TokenPlace | "last";
}
export interface ClaimFinding {
  /** null: it cannot be said of this model. */
  holds: boolean | null;
  why: string | null;
  /** What it was decided by: a token's probability, that of several together, a head's weight. */
  numbers: { name: string; value: number; unit: "token" | "together" | "weight" }[];
}
export interface GalleryFinding {
  claims: ClaimFinding[];
  otherClaims: ClaimFinding[];
  head: { layer: number; head: number; weight: number } | null;
  position: number;
}
