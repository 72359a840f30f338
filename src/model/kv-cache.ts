/** Keys and values of the tokens seen so far, so that the next token costs one position and not all of them. */
import type { Tensor } from "onnxruntime-web";
import type { Gpt2Config } from "../core/types.ts";

export interface KvCache {
  /** Positions held. */
  readonly length: number;
  /** By input name: `past_key_values.{l}.key` and `.value`, [B, n_head, length, d_head]; on the GPU when the model is. */
  readonly tensors: ReadonlyMap<string, Tensor>;
  dispose(): void;
}

/** Input and output names of one model's cache. Hugging Face's names, which transformers.js knows to keep on the GPU. */
export const cacheNames = ({ n_layer }: Pick<Gpt2Config, "n_layer">) =>
  Array.from({ length: n_layer }, (_, layer) => layer).flatMap((layer) =>
    ["key", "value"].map((part) => ({
      past: `past_key_values.${layer}.${part}`,
      present: `present.${layer}.${part}`,
    })),
  );

export function createKvCache(length: number, tensors: ReadonlyMap<string, Tensor>): KvCache {
  return {
    length,
    tensors,
    dispose: () => {
      for (const tensor of tensors.values()) tensor.dispose();
    },
  };
}
