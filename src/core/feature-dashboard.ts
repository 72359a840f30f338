/** What is shown of one feature of an SAE: plain data. Statistics over the dashboard tokens. */
import type { Basis } from "./basis.ts";
import type { FeatureExample, FeatureRow, TokenEffect } from "./sae.ts";

/** An example on a dashboard: a whole context, with what it takes to run it. */
export interface ContextExample extends FeatureExample {
  /** Of `tokens`; BOS came before them. */
  ids: number[];
}

/** Tokens by chance of those whose activation lies in an interval. */
export interface ExampleInterval {
  /** Activations from `from` up to, not with, `to`. */
  from: number;
  to: number;
  /** Tokens in it. */
  count: number;
  examples: ContextExample[];
}

export interface FeatureDashboard {
  saeId: string;
  feature: number;
  row: FeatureRow;
  /** Non-zero activations: counts in equal bins from 0 to `binWidth · counts.length`. */
  histogram: { binWidth: number; counts: number[] };
  /** The strongest, strongest first. */
  examples: ContextExample[];
  /** Equal ones, the highest first; null where it was measured before there were any. */
  intervals: ExampleInterval[] | null;
  /** Of the effects on tokens; see `lab/direct-effects.ts`. */
  basis: Basis;
  promoted: TokenEffect[];
  suppressed: TokenEffect[];
  /** Effects on all tokens of the vocabulary; bin i is [i, i + 1) · binWidth, i from `from` on. */
  effectHistogram: { binWidth: number; from: number; counts: number[] };
  /** Norm of what it writes through each head, ‖W_dec[f]‖₂ of the head's part, for an SAE of attn.hook_z; else null. */
  headNorms: number[] | null;
  /** Most correlated over so many tokens of the corpus; null where it was measured before they were. */
  correlated: { tokens: number; features: { feature: number; r: number }[] } | null;
  /** by cosine of decoder directions, nearest first */
  neighbours: { feature: number; cosine: number }[];
}
