/** All that is known of one head's look from a query to a key. */
import { headPattern } from "./attention.ts";
import type { AttentionFacts } from "../core/attention.ts";
import type { HeadIndex } from "./head-units.ts";
import { lengthsOf } from "./attention-drawing.ts";

export interface PairQuantity {
  name: string;
  means: string;
  /** Of what is told of one side. */
  value: (pair: Pair) => number;
}
export interface Pair {
  weight: number;
  score: number;
  /** ‖v_k‖ and ‖v_k W_O‖ */
  value: number;
  output: number;
}

export const PAIR_QUANTITIES: readonly PairQuantity[] = [
  {
    ...{ name: "A", means: "attention weight, after softmax" },
    value: ({ weight }) => weight,
  },
  {
    ...{ name: "score", means: "(Q[q] · K[k]) / √d_head, before softmax" },
    value: ({ score }) => score,
  },
  {
    ...{ name: "‖v‖", means: "length of the key’s value vector" },
    value: ({ value }) => value,
  },
  {
    ...{ name: "A·‖v‖", means: "weight times that length" },
    value: ({ weight, value }) => weight * value,
  },
  {
    ...{ name: "‖v W_O‖", means: "length of what the head would write for the key alone" },
    value: ({ output }) => output,
  },
  {
    ...{ name: "A·‖v W_O‖", means: "weight times that length: what it does write" },
    value: ({ weight, output }) => weight * output,
  },
];

/** @returns null where the pair is masked, or past the end */
export function pairOf(
  { pattern, scores, valueNorms, outputNorms, layer: first, tokens }: AttentionFacts,
  { layer, head }: HeadIndex,
  q: number,
  k: number,
): Pair | null {
  const n = tokens.ids.length;
  if (k > q || q >= n) return null;
  return {
    weight: headPattern(pattern, layer - first, head)[q * n + k]!,
    score: headPattern(scores, layer - first, head)[q * n + k]!,
    value: lengthsOf(valueNorms, first, layer, head)[k]!,
    output: lengthsOf(outputNorms, first, layer, head)[k]!,
  };
}
