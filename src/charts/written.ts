/** The pure part of written text: how surprising its tokens are, and what could have come instead. */
import type { Prediction } from "../core/types.ts";
import { type PredictionRow, predictionRows } from "./prediction.ts";

/** A token of a text with its place in the distribution that it was taken from. */
export interface Step {
  id: number;
  string: string;
  probability: number;
  rank: number;
  alternatives: Prediction | null;
  chosen: boolean;
}

/** −log₂ p, in bits */
export const surprisal = ({ probability }: Pick<Step, "probability">): number =>
  0 - Math.log2(probability); // of a certainty 0, not −0

/** The surprisal that gets the strongest shade, in bits: one chance in a thousand or less. */
export const MOST_BITS = 10;

/** How strongly each token is shaded, 0 … 1: surprisal over `MOST_BITS`. */
export const surpriseShades = (steps: readonly Step[]): number[] =>
  steps.map((step) => Math.min(1, surprisal(step) / MOST_BITS));

/** Mean surprisal in bits, and the perplexity that it comes to; null of no tokens. */
export function meanSurprisal(steps: readonly Step[]): { bits: number; perplexity: number } | null {
  if (steps.length === 0) return null;
  const bits = steps.reduce((sum, step) => sum + surprisal(step), 0) / steps.length;
  return { bits, perplexity: 2 ** bits };
}

/** The likeliest tokens at a step, and the one that is there, last if it is not among them. */
export function stepRows({ id, string, probability, alternatives }: Step): PredictionRow[] {
  const rows = alternatives ? predictionRows(alternatives, id) : [];
  if (rows.some(({ actual }) => actual)) return rows;
  // Both logits differ by as much as the probabilities' logarithms.
  const [first] = rows;
  const logit = first ? first.logit + Math.log(probability / first.probability) : NaN;
  const bits = surprisal({ probability });
  return [...rows, { id, token: string, probability, logit, surprisal: bits, actual: true }];
}
