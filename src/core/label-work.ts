/** What labels are made from and scored on, as it crosses the worker's boundary. */
import type { FeatureLabel } from "./feature-notes.ts";
import type { FeatureExample } from "./sae.ts";

/** Tokens of a text that a language model is shown: Delphi's length of an example. */
export const CASE_TOKENS = 32;

export interface LabelProgress {
  what: "examples" | "promoted tokens" | "scoring on text";
  done: number;
  total: number;
}
export interface AutomaticLabels {
  labels: [feature: number, label: FeatureLabel][];
  /** Tokens of held-out text on which rules were scored. */
  tokens: number;
  /** Features that have no label: never active, or without any example. */
  without: number;
}

/** Pieces of text to judge a label by, none of which is among the examples of the feature's dashboard. */
export interface LabelCases {
  /** Somewhere active; from all strengths evenly, weakest first. */
  active: FeatureExample[];
  /** Nowhere active. */
  inactive: FeatureExample[];
  /** Tokens that were read to find them. */
  tokens: number;
}
