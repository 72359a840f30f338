/** Features and the prompt, both ways: one feature over all tokens, and all features at one token. Pure. */
import type { PromptFeatures } from "../core/prompt-view.ts";

/** A feature's activation at each position; 0 where it is off. */
export function activationsOf({ active }: PromptFeatures, feature: number): Float32Array {
  return Float32Array.from(
    active,
    (here) => here.find((a) => a.feature === feature)?.activation ?? 0,
  );
}

/** Positions where it is on, strongest first. */
export const firingPositions = (activations: Float32Array): number[] =>
  [...activations.keys()]
    .filter((i) => activations[i]! > 0)
    .sort((a, b) => activations[b]! - activations[a]! || a - b);
