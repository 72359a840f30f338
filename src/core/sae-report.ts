/** The report card of an SAE, measured on held-out text with the SAE in the model's place. Plain data. */
import type { Densities } from "./sae.ts";

/** Sums over tokens, pooled over all batches; formulas and sources in `math/reconstruction-report.ts`. */
export interface ReconstructionReport {
  /** 1 − Σ‖x − x̂‖² / Σ‖x − x̄‖² */
  explainedVariance: number;
  /** Mean over tokens of 1 − ‖x − x̂‖² / ‖x − x̄‖²: SAELens's "legacy" figure. */
  explainedVarianceLegacy: number;
  /** Mean over tokens of cos(x, x̂). */
  cosine: number;
  /** Mean over tokens of ‖x̂‖ / ‖x‖. */
  normRatio: number;
  /** Σ‖x̂‖² / Σ x·x̂; 1 is unbiased, below it x̂ is too short. */
  reconstructionBias: number;
  /** Mean number of active latents. */
  l0: number;
  /** Mean ‖f‖₁. */
  l1: number;
  tokens: number;
}

/** What a replacement of the activation costs the model's predictions; nats a token. */
export interface Replacement {
  /** Mean cross-entropy of the actual next token. */
  ce: number;
  /** Mean KL(clean ‖ replaced). */
  kl: number;
}
export interface LossReport {
  cleanCe: number;
  sae: Replacement;
  zero: Replacement;
  mean: Replacement;
  /** (CE_ablated − CE_SAE) / (CE_ablated − CE_clean), by the ablation; null where that is 0/0. */
  ceScore: { zero: number | null; mean: number | null };
  /** (KL_ablated − KL_SAE) / KL_ablated */
  klScore: { zero: number | null; mean: number | null };
  /** Predictions that were compared. */
  predictions: number;
}

/** Classes of tokens that a feature may stand for; told by their text alone in `lab/token-classes.ts`. */
export const TOKEN_CLASSES = [
  "begins a word",
  "capitalised",
  "punctuation",
  "digit",
  "pronoun",
  "ends in -ed or -ing",
] as const;
export type TokenClass = (typeof TOKEN_CLASSES)[number];

/** How well a few features tell one class of tokens from the rest; half right is chance. */
export interface ProbeReport {
  class: TokenClass;
  /** Tokens of the class among those read. */
  members: number;
  /** Held-out accuracy, by the number of features; null where the class has too few tokens. */
  features: { k1: number | null; k5: number | null };
  /** The same with single numbers of the activation in place of features. */
  numbers: { k1: number | null; k5: number | null };
  /** The feature that alone tells it best. */
  best: number | null;
}

/** What is said of features one by one, on held-out text. */
export interface FeaturesReport {
  /** Share of features that fired on any of `tokens`, and how often they did. */
  aliveShare: number;
  densities: Densities;
  tokens: number;
  /** Whether these are the corpus's tokens, or only those read for the report. */
  overCorpus: boolean;
  /** Entropy of the tokens that a feature is strongest on, in bits; formula in `math/token-entropy.ts`. */
  entropy: {
    /** null where no feature fired often enough */
    median: number | null;
    /** Share of the features measured whose entropy is below 1 bit. */
    focusedShare: number | null;
    /** Features that fired often enough. */
    features: number;
  };
  probes: readonly ProbeReport[];
  /** Tokens that entropies and probes were measured on. */
  probeTokens: number;
  /** Mean balanced accuracy of the labels by what they were scored on; null where no label has such a score. */
  labels: {
    labelled: number;
    rule: number | null;
    detection: number | null;
    fuzzing: number | null;
  };
}

export interface SaeReport {
  saeId: string;
  /** The model that it was measured in. */
  modelId: string;
  /** ISO 8601 */
  createdAt: string;
  reconstruction: ReconstructionReport;
  loss: LossReport;
  /** Not there in reports of earlier versions. */
  features?: FeaturesReport;
  /** Contexts of held-out text, and tokens of each. */
  contexts: number;
  contextSize: number;
}

/** Contexts of held-out text that a report is measured on, unless told otherwise. */
export const REPORT_CONTEXTS = 16;
/** …and for what is said of single features: three times as many, up to so many. */
export const PROBE_CONTEXTS = 48;
