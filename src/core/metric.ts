/** A number that sums up a run, and of which gradients can be taken. Positions may be negative: from the prompt's end. */
import type { Edit, ReferencePrompt } from "./edits.ts";
import type { TensorData } from "./types.ts";

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

export const METRIC_KINDS: readonly Metric["kind"][] = [
  "logitDiff",
  "logProb",
  "prob",
  "loss",
  "kl",
  "feature",
];

/** Without a prompt: the one that the metric is taken on. */
export interface ReferenceRun {
  prompt?: ReferencePrompt;
  edits?: readonly Edit[];
}

/** Of one prompt. Tensors have the hooks' own shapes, with a batch axis of 1. */
export interface Gradients {
  /** The metric, in the unit of its kind. */
  value: number;
  /** d metric / d activation by hook name: the activation as it is after the edits. */
  gradients: [hook: string, gradient: TensorData][];
}

export interface IntegratedGradients {
  value: number;
  /** (x − x₀) ⊙ the mean gradient on the way from x₀ to x, for each hook point alone, in the metric's unit. */
  attributions: [hook: string, attribution: TensorData][];
  /** metric(x) − metric(x₀) for each hook point: what its attributions add up to when steps are many. */
  changes: [hook: string, change: number][];
}

export interface IntegrationPath {
  /** Points at which the gradient is taken: the middles of that many equal steps. @default 16 */
  steps?: number;
  /** x₀: zero, or the activation on another prompt of as many tokens. @default "zero" */
  from?: "zero" | { prompt: ReferencePrompt };
}
