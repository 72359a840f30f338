/** How λ and the learning rate move over a run, and when the rare things happen. Pure functions of the plan and the step. */
import { DEAD_AFTER_TOKENS } from "../core/sae.ts";

export interface Plan {
  variant: "standard" | "topk";
  dIn: number;
  dSae: number;
  /** λ once warmed up; standard only */
  l1: number;
  /** TopK only */
  k: number;
  lr: number;
  batchSize: number;
  /** Steps in all. */
  steps: number;
  seed: number;
}

/** λ rises linearly over this share of the run, so that latents find directions before they are pressed to be sparse. */
const SPARSITY_WARM_UP = 0.05;
/** The learning rate falls linearly to 0 over this last share. */
const DECAY = 0.2;

/** @param step 1 … steps */
export const lambdaAt = ({ l1, steps }: Plan, step: number): number =>
  l1 * Math.min(1, step / (SPARSITY_WARM_UP * steps));

/** @param step 1 … steps */
export const learningRateAt = ({ lr, steps }: Plan, step: number): number =>
  lr * Math.min(1, (steps - step + 1) / (DECAY * steps));

/** L1 only: every `DEAD_AFTER_TOKENS` tokens, while enough of the run is left for the revived to learn. */
export function resamplesAfter({ variant, steps, batchSize }: Plan, step: number): boolean {
  const every = Math.ceil(DEAD_AFTER_TOKENS / batchSize);
  return variant === "standard" && step % every === 0 && step <= steps * (1 - 1.5 * DECAY);
}

/** A point of the charts every so many steps: some 400 in a long run, and some each second in a short one. */
export const reportEvery = ({ steps }: Plan): number =>
  Math.min(100, Math.max(5, Math.round(steps / 400)));
