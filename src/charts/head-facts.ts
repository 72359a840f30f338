/** A head's facts on one prompt: where it looks from the selected query, and its scores over the prompt. */
import type { PatternScore } from "../core/head-scores.ts";
import {
  attentionEntropy,
  detectHead,
  detectionCells,
  type DetectedKind,
  queryMeans,
} from "../math/head-scores.ts";
import { strongestKeys, type KeyWeight } from "./attention.ts";

export interface HeadFacts {
  strongest: KeyWeight[];
  /** Of the query's weights, in bits; and the most it could be. */
  entropy: number;
  mostEntropy: number;
  /** null: it cannot be said of these tokens. */
  scores: readonly { score: PatternScore; value: number | null }[];
}

export function headFacts(
  pattern_QK: Float32Array,
  ids: readonly number[],
  query: number,
): HeadFacts {
  const n = ids.length;
  const means = queryMeans(pattern_QK, n);
  const everything = { excludeFirst: false, excludeCurrent: false };
  const detected = (kind: DetectedKind) => ({
    score: kind,
    value: detectHead(pattern_QK, n, detectionCells(kind, ids), everything),
  });
  const mean = (score: "first" | "current" | "entropy" | "distance") => ({
    ...{ score, value: means?.[score] ?? null },
  });
  return {
    strongest: strongestKeys(pattern_QK, n, query, 5),
    entropy: attentionEntropy(pattern_QK.subarray(query * n, query * n + query + 1)),
    mostEntropy: Math.log2(query + 1),
    scores: [
      detected("previous"),
      detected("duplicate"),
      detected("induction"),
      mean("first"),
      mean("current"),
      mean("entropy"),
      mean("distance"),
    ],
  };
}
