/** The report card of an SAE, measured on held-out text with the SAE in the model's place. Plain data. */

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

export interface SaeReport {
  saeId: string;
  /** The model that it was measured in. */
  modelId: string;
  /** ISO 8601 */
  createdAt: string;
  reconstruction: ReconstructionReport;
  loss: LossReport;
  /** Contexts of held-out text, and tokens of each. */
  contexts: number;
  contextSize: number;
}

/** Contexts of held-out text that a report is measured on, unless told otherwise. */
export const REPORT_CONTEXTS = 16;
