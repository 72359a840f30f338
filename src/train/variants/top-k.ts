/**
 * Of the pre-activations only the largest stay, so that no penalty is needed: L = (1/B) Σ_b ‖x̂ − x‖² + aux, where aux
 * revives dead latents (`auxiliary.ts`).
 *
 * - TopK (Gao et al., "Scaling and evaluating sparse autoencoders", 2024): the k largest of each token.
 * - BatchTopK (Bussmann et al., 2024): the k·B largest of the whole batch, so that a token may have more or fewer. Used
 *   on one token alone there is no batch: what a batch kept at the least, in the running mean, becomes the threshold of a
 *   JumpReLU SAE (`leastRateAt` in `schedule.ts`).
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Scalar, Tensor2D } from "@tensorflow/tfjs-core";
import type { RecipeOf } from "../../core/sae-recipe.ts";
import { withAuxiliary } from "../auxiliary.ts";
import { columnSums, keepLargest, keepLargestOfAll } from "../fused.ts";
import { dense } from "../ops.ts";
import type { Parameters } from "../parameters.ts";
import { productsFor } from "../sparse.ts";
import { summed, towards } from "./parts.ts";
import type { Trained, Variant } from "./variant.ts";

/** What is kept of pre [B, F]; `least` of it where that counts. */
type Keep = (pre_BF: Tensor2D) => { kept: Tensor2D; least?: Scalar };

export const preOf = ({ W_enc, b_enc }: Parameters, x_BD: Tensor2D): Tensor2D =>
  dense(x_BD, W_enc, b_enc);

export const topK = ({ k }: RecipeOf<"topk">): Variant =>
  keeping(k, (pre_BF) => ({ kept: keepLargest(pre_BF, k) }));

export const batchTopK = ({ k }: RecipeOf<"batchtopk">): Variant => ({
  ...keeping(k, largestOfBatch(k)),
  finish: withLeastAsThreshold,
});

export const largestOfBatch =
  (k: number): Keep =>
  (pre_BF) =>
    keepLargestOfAll(pre_BF, k * pre_BF.shape[0]);

export const withLeastAsThreshold = ({ weights, least }: Trained) => ({
  ...weights,
  threshold: new Float32Array(weights.b_enc.length).fill(least),
});

const keeping = (k: number, keep: Keep): Variant => ({
  unitDecoder: true,
  revival: "by gradient",
  features: (params, x_BD) => keep(preOf(params, x_BD)).kept,
  backward(params, { x_BD, y_BE }, { dead }) {
    const pre_BF = preOf(params, x_BD);
    const { kept, least } = keep(pre_BF);
    const products = productsFor(params.W_decT, k, pre_BF.shape[1]);
    const error = tf.sub<Tensor2D>(products.decode(kept, params.b_dec), y_BE);
    const g_BE = towards(error);
    const { sums, ...own } = products.backward(kept, g_BE, x_BD);
    const { b_enc, firing } = summed(sums);
    const { gradients, loss } = withAuxiliary(
      { ...own, b_enc },
      { pre_BF, error, dead, x_BD, params },
    );
    return {
      gradients: { ...gradients, b_dec: columnSums(g_BE) },
      ...{ error, g_BE, ...firing, sparsityLoss: loss },
      ...(least && { least }),
    };
  },
});
