/**
 * Of the pre-activations only the largest stay, so that no penalty is needed: L = (1/B) Σ_b ‖x̂ − x‖² + aux, where aux
 * revives dead latents (`auxiliary.ts`).
 *
 * - TopK (Gao et al., "Scaling and evaluating sparse autoencoders", 2024): the k largest of each token.
 * - BatchTopK (Bussmann et al., 2024): the k·B largest of the whole batch, so that a token may have more or fewer. Used
 *   on one token alone there is no batch: what a batch kept at the least, in the running mean, becomes the threshold of a
 *   JumpReLU SAE (`leastRateAt` in `schedule.ts`).
 */
import type { Scalar, Tensor2D } from "@tensorflow/tfjs-core";
import type { RecipeOf } from "../../core/sae-recipe.ts";
import { withAuxiliary } from "../auxiliary.ts";
import { gate, keepLargest, keepLargestOfAll } from "../fused.ts";
import { dense } from "../ops.ts";
import type { Parameters } from "../parameters.ts";
import { decoderGradient, encoderGradient, firing, rebuild } from "./parts.ts";
import type { Trained, Variant } from "./variant.ts";

/** What is kept of pre [B, F]; `least` of it where that counts. */
type Keep = (pre_BF: Tensor2D) => { kept: Tensor2D; least?: Scalar };

export const preOf = ({ W_enc, b_enc }: Parameters, x_BD: Tensor2D): Tensor2D =>
  dense(x_BD, W_enc, b_enc);

export const topK = ({ k }: RecipeOf<"topk">): Variant =>
  keeping((pre_BF) => ({ kept: keepLargest(pre_BF, k) }));

export const batchTopK = ({ k }: RecipeOf<"batchtopk">): Variant => ({
  ...keeping(largestOfBatch(k)),
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

const keeping = (keep: Keep): Variant => ({
  unitDecoder: true,
  revival: "by gradient",
  features: (params, x_BD) => keep(preOf(params, x_BD)).kept,
  backward(params, { x_BD, y_BE }, { dead }) {
    const pre_BF = preOf(params, x_BD);
    const { kept, least } = keep(pre_BF);
    const { decode, error, g_BE } = rebuild(kept, y_BE, params);
    const { activity, ...decoder } = decoderGradient(g_BE, kept);
    const revived = withAuxiliary(
      { dPre_BF: gate(dense(g_BE, params.W_decT), kept), dW_decT: decoder.W_decT },
      { pre_BF, error, dead, decode, W_decT: params.W_decT },
    );
    return {
      gradients: {
        ...encoderGradient(x_BD, revived.dPre_BF),
        W_decT: revived.dW_decT,
        b_dec: decoder.b_dec,
      },
      error,
      g_BE,
      activity,
      ...firing(kept),
      sparsityLoss: revived.loss,
      ...(least && { least }),
    };
  },
});
