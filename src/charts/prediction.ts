/** The pure part of the next-token chart. */
import type { Prediction } from "../core/types.ts";
import { isPlain, joinTokens } from "../core/token-bytes.ts";
import { isSpecial } from "../ui/token-text.ts";

export interface PredictionRow {
  id: number;
  token: string;
  probability: number;
  logit: number;
  /** −log₂ p, in bits */
  surprisal: number;
  /** Whether the text goes on with this token. */
  actual: boolean;
}

/** @param nextId the token that follows in the text; null at its end */
export function predictionRows(prediction: Prediction, nextId: number | null): PredictionRow[] {
  return prediction.ids.map((id, i) => ({
    id,
    token: prediction.strings[i]!,
    probability: prediction.probabilities[i]!,
    logit: prediction.logits[i]!,
    surprisal: -Math.log2(prediction.probabilities[i]!),
    actual: id === nextId,
  }));
}

export const totalProbability = (rows: readonly PredictionRow[]): number =>
  rows.reduce((sum, { probability }) => sum + probability, 0);

/**
 * The prompt cut after a position and continued with a token; null when that cannot be written as text: it would end
 * inside a character.
 * @param strings the prompt's tokens, with BOS first if it has one
 */
export function continueText(
  text: string,
  strings: readonly string[],
  position: number,
  next: string,
): string | null {
  if (isSpecial(next)) return null;
  const kept = strings.slice(0, position + 1).filter((token, i) => !(i === 0 && isSpecial(token)));
  const continued = joinTokens([...kept, next]);
  if (!isPlain(continued)) return null;
  const before = joinTokens(kept).replace(/\p{Surrogate}+$/u, ""); // the part of a character that `next` completes
  return text.startsWith(before) ? continued : null;
}
