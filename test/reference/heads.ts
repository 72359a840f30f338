/** A head's own matrices out of the reference's weights, [D, d_head] and [d_head, D], and its circuits as [D, D]. */
import { columnsOf, dense, flipped, times, type Dense } from "./dense.ts";
import type { ReferenceModel } from "./weights.ts";

export interface DenseHead {
  layer: number;
  W_Q: Dense;
  W_K: Dense;
  W_V: Dense;
  W_O: Dense;
  OV: Dense;
  QK: Dense;
}

export function denseHeads({ config, blocks }: ReferenceModel): DenseHead[] {
  const { n_embd: D, n_head } = config;
  const h = D / n_head;
  return blocks.flatMap(({ qkv, out }, layer) =>
    Array.from({ length: n_head }, (_, head) => {
      const part = (i: number) => columnsOf(dense(qkv.W, D), i * D + head * h, h);
      const [W_Q, W_K, W_V] = [part(0), part(1), part(2)];
      const W_O = dense(out.W, D).slice(head * h, (head + 1) * h);
      return {
        ...{ layer, W_Q, W_K, W_V, W_O },
        OV: times(W_V, W_O),
        QK: times(W_Q, flipped(W_K)),
      };
    }),
  );
}
