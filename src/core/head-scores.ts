/**
 * Scores of attention heads: plain data. What each one is, `math/head-scores.ts` says. Every list has a number for each head in
 * reading order (layer · H + head); null where the score cannot be said.
 */

/** Of any tokens: three by TransformerLens's `detect_head`, then means over queries. */
export const PATTERN_SCORES = [
  "previous",
  "duplicate",
  "induction",
  "first",
  "current",
  "entropy",
  "distance",
] as const;
export type PatternScore = (typeof PATTERN_SCORES)[number];
/** Of repeated random tokens alone: the pattern's mean diagonals. */
export const DIAGONAL_SCORES = [
  "previousDiagonal",
  "duplicateDiagonal",
  "inductionDiagonal",
] as const;
export type DiagonalScore = (typeof DIAGONAL_SCORES)[number];

export type ScoreList = readonly (number | null)[];

/** What `detect_head` leaves out of pattern and sum. */
export interface DetectOptions {
  /** The first column: `exclude_bos`. */
  excludeFirst: boolean;
  /** The diagonal: `exclude_current_token`. */
  excludeCurrent: boolean;
}

export interface PromptHeadScores {
  layers: number;
  heads: number;
  scores: Record<PatternScore, ScoreList>;
}

/** Sequences of n random tokens, each followed by itself. */
export interface RepeatOptions extends DetectOptions {
  /** n; null: 100, or what the model's context holds. */
  length: number | null;
  /** How many sequences. */
  rows: number;
  seed: number;
  /** Begin each with BOS. The demo that these are from does not. */
  prependBos: boolean;
}
export interface RepeatHeadScores {
  layers: number;
  heads: number;
  /** n as it was. */
  length: number;
  /** Means over the sequences. */
  scores: Record<PatternScore | DiagonalScore, ScoreList>;
}
