/** How far each token of the prompt was expected by what stands before it. Pure. */
import type { PredictionFacts } from "../../../core/prediction.ts";

export interface Expected {
  /** −log₂ p at temperature 1, in bits */
  surprise: number;
  /** The same in nats. */
  loss: number;
  rank: number;
  /** At the figure's temperature. */
  probability: number;
  logit: number;
  /** Of the distribution it was drawn from, in bits. */
  entropy: number;
  /** What was held likeliest in its place. */
  likeliest: string;
}

/** By token; null for the first, which nothing comes before. */
export function expectedTokens({ tokens, actual, entropy, top }: PredictionFacts) {
  return tokens.ids.map((_, t): Expected | null => {
    const before = t - 1;
    if (before < 0) return null;
    const loss = actual.loss[before]!;
    return {
      surprise: loss / Math.LN2,
      loss,
      rank: actual.rank[before]!,
      probability: actual.probability[before]!,
      logit: actual.logit[before]!,
      entropy: entropy[before]!,
      likeliest: top[before]!.strings[0]!,
    };
  });
}
