/** Attention scores as the graph keeps them and as they are told. */
import type { TensorData } from "../core/types.ts";
import { MASKED } from "./graph-attention.ts";

/** What the graph keeps finite, so that no NaN can come of it, is −∞ by definition. */
export function unmask(hook: string, { data, dims }: TensorData): TensorData {
  if (hook.endsWith("attn.hook_attn_scores")) {
    for (let i = 0; i < data.length; i++) if (data[i]! <= MASKED) data[i] = -Infinity;
  }
  return { data, dims };
}
