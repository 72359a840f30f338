/** How λ and the learning rate move over a run, and when the rare things happen. Pure functions of the plan and the step. */
import type { Pace, Recipe } from "../core/sae-recipe.ts";
import { DEAD_AFTER_TOKENS } from "../core/sae.ts";
import type { Ends } from "./pairs.ts";

export interface Plan extends Pace, Ends {
  recipe: Recipe;
  dSae: number;
  /** Steps in all. */
  steps: number;
  seed: number;
}

/** 0 … 1 over the first `share` of the run, then 1. */
const rising = (share: number, steps: number, step: number): number =>
  share === 0 ? 1 : Math.min(1, step / (share * steps));

/**
 * Share of the sparsity penalty that counts: latents should find directions before they are pressed to be sparse.
 * @param step 1 … steps
 */
export const pressureAt = ({ sparsityWarmUp, steps }: Plan, step: number): number =>
  rising(sparsityWarmUp, steps, step);

/** @param step 1 … steps */
export const learningRateAt = ({ lr, lrWarmUp, lrDecay, steps }: Plan, step: number): number =>
  lr * Math.min(rising(lrWarmUp, steps, step), rising(lrDecay, steps, steps - step + 1));

/**
 * How far the running mean of the least activation kept moves in a step: a plain mean at first, then 0.01 (SAELens's rate),
 * and in a run of less than 2000 steps 20 ÷ their number: the mean must forget how it was before the SAE had settled.
 */
export const leastRateAt = ({ steps }: Plan, step: number): number =>
  Math.min(1, Math.max(0.01, 20 / steps, 1 / step));

/** Dead latents are looked for so often, while enough of the run is left for the revived to learn. */
export function resamplesAfter({ lrDecay, steps, batchSize }: Plan, step: number): boolean {
  const every = Math.ceil(DEAD_AFTER_TOKENS / batchSize);
  const left = Math.min(0.5, Math.max(0.3, lrDecay));
  return step % every === 0 && step <= steps * (1 - left);
}

/** A point of the charts every so many steps: some 400 in a long run, and some each second in a short one. */
export const reportEvery = ({ steps }: Plan): number =>
  Math.min(100, Math.max(5, Math.round(steps / 400)));
