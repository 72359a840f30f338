/** A head's facts on one prompt, in words: where it looks from the selected query, and its shares over the prompt. */
import { attentionShares } from "../math/attention-shares.ts";
import { attentionEntropy } from "../math/head-scores.ts";
import { strongestKeys, type KeyWeight } from "./attention.ts";

export interface HeadShare {
  name: string;
  /** What it means, for a tooltip. */
  means: string;
  /** null: no token of the prompt has it, so it cannot be said. */
  share: number | null;
}
export interface HeadFacts {
  strongest: KeyWeight[];
  /** Of the query's weights, in bits; and the most it could be. */
  entropy: number;
  mostEntropy: number;
  shares: HeadShare[];
}

export function headFacts(
  pattern_QK: Float32Array,
  ids: readonly number[],
  query: number,
): HeadFacts {
  const n = ids.length;
  const shares = attentionShares(pattern_QK, ids);
  return {
    strongest: strongestKeys(pattern_QK, n, query, 5),
    entropy: attentionEntropy(pattern_QK.subarray(query * n, query * n + query + 1)),
    mostEntropy: Math.log2(query + 1),
    shares: [
      { name: "first token", means: "mean weight on the first token", share: shares.first },
      { name: "previous token", means: "mean weight on the token before", share: shares.previous },
      { name: "itself", means: "mean weight of a token on itself", share: shares.current },
      {
        name: "same token",
        means: "mean weight on earlier occurrences of the query’s token",
        share: shares.duplicate,
      },
      {
        name: "induction",
        means: "mean weight on the tokens that followed earlier occurrences of the query’s token",
        share: shares.induction,
      },
    ],
  };
}
