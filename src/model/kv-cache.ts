/** Keys and values of the tokens seen so far, so that the next token costs one position and not all of them. */
import type { Tensor } from "onnxruntime-web";
import { blockHook } from "../core/hooks.ts";
import type { Gpt2Config } from "../core/types.ts";

export interface KvCache {
  /** Positions held. */
  readonly length: number;
  /** By input name: `past_key_values.{l}.key` and `.value`, [B, n_head, length, d_head]; on the GPU when the model is. */
  readonly tensors: ReadonlyMap<string, Tensor>;
  dispose(): void;
}

/** The same for all rows of a batch, by input name: [n_head, length, d_head]. */
export interface SharedPast {
  readonly length: number;
  readonly values: ReadonlyMap<string, Float32Array>;
}

/** What a run says of its first tokens. @param valueOf a hook point of that run, [1, T, n_head, d_head] */
export function sharedPast(
  config: Pick<Gpt2Config, "n_layer" | "n_head" | "n_embd">,
  length: number,
  valueOf: (hook: string) => Float32Array,
): SharedPast {
  const { n_head: H, n_embd: d } = config;
  const h = d / H;
  const byHead = (value: Float32Array): Float32Array => {
    const turned = new Float32Array(H * length * h);
    for (let head = 0; head < H; head++) {
      for (let t = 0; t < length; t++) {
        const at = t * d + head * h;
        turned.set(value.subarray(at, at + h), (head * length + t) * h);
      }
    }
    return turned;
  };
  const values = cacheNames(config).map(({ past, hook }) => [past, byHead(valueOf(hook))] as const);
  return { length, values: new Map(values) };
}

/** Input and output names of one model's cache. Hugging Face's names, which transformers.js knows to keep on the GPU. */
export const cacheNames = ({ n_layer }: Pick<Gpt2Config, "n_layer">) =>
  Array.from({ length: n_layer }, (_, layer) => layer).flatMap((layer) =>
    (["key", "value"] as const).map((part) => ({
      past: `past_key_values.${layer}.${part}`,
      present: `present.${layer}.${part}`,
      /** Where they are read: [B, T, n_head, d_head] */
      hook: blockHook(layer, part === "key" ? "attn.hook_k" : "attn.hook_v"),
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
