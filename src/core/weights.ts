/** What the figures of a model's weights show: plain data. Axis letters: L layers, H heads, h d_head, N = L·H heads in all. */
import type { Basis } from "./basis.ts";

/** Tokens at one end of a direction, the farthest first. */
export interface TokenEnd {
  ids: number[];
  strings: string[];
  /** Dot products with the direction. */
  values: number[];
}
/** A unit vector of the residual stream as tokens: those that lie farthest along it, and farthest against it. */
export interface TokenDirection {
  plus: TokenEnd;
  minus: TokenEnd;
}
/** W = Σ σ·u vᵀ: a pair of directions. Both may be turned round together. */
export interface SingularPair {
  u: TokenDirection;
  v: TokenDirection;
}
export interface Circuit {
  /** σ, the largest first, [h] */
  singularValues: Float64Array;
  /** Of the first few. */
  pairs: SingularPair[];
}
/** A head's two circuits, from its weights alone. */
export interface HeadCircuits {
  basis: Basis;
  layer: number;
  head: number;
  /** W_V·W_O: u through W_E (read), v through W_U (written) */
  ov: Circuit;
  /** W_Q·W_Kᵀ: u through W_E (query), v through W_E (key) */
  qk: Circuit;
}

/** Of one circuit of all heads. */
export interface CircuitSpectra {
  /** Σ λ / Σ |λ|, −1 to 1, [L·H]; null where all λ are 0 */
  scores: (number | null)[];
  /** λ, the largest moduli first, [L·H, h] */
  re: Float64Array;
  im: Float64Array;
}
export interface VocabularySpectra {
  basis: Basis;
  layers: number;
  heads: number;
  dHead: number;
  /** Of W_E·W_V·W_O·W_U */
  ov: CircuitSpectra;
  /** Of W_E·W_Q·W_Kᵀ·W_Eᵀ */
  qk: CircuitSpectra;
}

export const COMPOSITIONS = ["Q", "K", "V"] as const;
export type CompositionKind = (typeof COMPOSITIONS)[number];
/** By kind. */
export type OfEach<T> = Record<CompositionKind, T>;

/** How strongly the heads of a model compose. */
export interface CompositionScores {
  basis: Basis;
  layers: number;
  heads: number;
  /** What two heads without any relation have: their root mean square over all rotations of one against the other. */
  unrelated: number;
  /** [N, N]: row writes, column reads; NaN where the reader is in no later layer, or one of the two is 0. */
  scores: OfEach<Float32Array>;
}
/** The same of one head with every other one. */
export interface HeadComposition {
  basis: Basis;
  layer: number;
  head: number;
  unrelated: number;
  /** [N]: with which this head writes and that one, later, reads; or, for an earlier one, the other way round. */
  scores: OfEach<Float32Array>;
}

/** How far a study is. */
export interface StudyShare {
  /** What is being computed. */
  stage: string;
  /** 0–1, of the stage */
  share: number;
}
