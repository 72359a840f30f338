/** Logits → likeliest next tokens, with their probabilities over the whole vocabulary. */
import type { Prediction, TensorData } from "../core/types.ts";
import { softmax, topIndices } from "../math/softmax.ts";
import type { Tokenizer } from "../text/tokenizer.ts";

/** The row of [1, T, V] at a position. */
export const rowOf = ({ data, dims }: TensorData, position: number): Float32Array => {
  const V = dims.at(-1)!;
  return data.subarray(position * V, (position + 1) * V);
};

/** @param ids which tokens to tell of, in any order; the answer has the likeliest first */
export function predict(
  logits: Float32Array,
  tokenizer: Pick<Tokenizer, "strings">,
  ids: readonly number[],
): Prediction {
  const p = softmax(logits);
  const ordered = [...ids].sort((a, b) => logits[b]! - logits[a]! || a - b);
  return {
    ids: ordered,
    strings: tokenizer.strings(ordered),
    logits: ordered.map((id) => logits[id]!),
    probabilities: ordered.map((id) => p[id]!),
  };
}

export const predictTop = (
  logits: Float32Array,
  tokenizer: Pick<Tokenizer, "strings">,
  topK: number,
): Prediction => predict(logits, tokenizer, topIndices(logits, topK));
