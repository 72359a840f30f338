/** A number that sums up a run, and of which gradients can be taken. Positions may be negative: from the prompt's end. */
import type { Edit } from "./types.ts";

export type Metric =
  /** logit[token] − logit[against], unitless */
  | { kind: "logitDiff"; token: number; against: number; /** @default -1 */ pos?: number }
  /** ln p(token), in nats */
  | { kind: "logProb"; token: number; /** @default -1 */ pos?: number }
  /** p(token) */
  | { kind: "prob"; token: number; /** @default -1 */ pos?: number }
  /** Mean over all positions but the last of −ln p(next token), in nats. */
  | { kind: "loss" }
  /** KL(p ‖ run) = Σ p·ln(p / run) in nats, p of another run: another prompt, the same prompt with other edits. */
  | { kind: "kl"; reference: ReferenceRun; /** of both @default -1 */ pos?: number }
  /**
   * The activation of an SAE's feature. Of one that is not active the gradient is 0; `preActivation` is what it has
   * before its non-linearity, x · W_enc + b_enc.
   */
  | {
      kind: "feature";
      saeId: string;
      feature: number;
      preActivation?: boolean;
      /** @default -1 */ pos?: number;
    };

/** Without a prompt: the one that the metric is taken on. */
export interface ReferenceRun {
  prompt?: string | number[];
  edits?: Edit[];
}

export const METRIC_KINDS = ["logitDiff", "logProb", "prob", "loss", "kl", "feature"] as const;
