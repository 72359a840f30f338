/**
 * Matryoshka BatchTopK (Bussmann et al., "Learning Multi-Level Features with Matryoshka Sparse Autoencoders", 2025): the
 * first m₁ latents, the first m₂, … and all of them must each rebuild the input, so that general features come first.
 * L = (1/n) Σ_j (1/B) Σ_b ‖x̂_j − x‖² + aux, with x̂_j of the latents before m_j, and f as in BatchTopK. (The mean over
 * widths is dictionary_learning's; SAELens takes the sum.)
 *
 * Each block of latents is decoded once: x̂_j = x̂_{j−1} + f_j W_dec,j. It has a part in every width from its own on, so
 * with g_j = (2/nB)(x̂_j − x) and G_j = Σ_{i≥j} g_i: ∂f_j = G_j W_dec,jᵀ, ∂W_dec,j = f_jᵀ G_j, ∂b_dec = Σ_b G_1.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import type { RecipeOf } from "../../core/sae-recipe.ts";
import { withAuxiliary } from "../auxiliary.ts";
import { columnSums } from "../fused.ts";
import { productsFor } from "../sparse.ts";
import { firing, meanSquare } from "./parts.ts";
import { largestOfBatch, preOf, withLeastAsThreshold } from "./top-k.ts";
import type { Variant } from "./variant.ts";

export function matryoshka({ k, widths }: RecipeOf<"matryoshka">): Variant {
  const keep = largestOfBatch(k);
  const blocks = widths.map((to, j) => ({ from: j === 0 ? 0 : widths[j - 1]!, to }));
  return {
    unitDecoder: true,
    revival: "by gradient",
    features: (params, x_BD) => keep(preOf(params, x_BD)).kept,
    backward(params, { x_BD, y_BE }, { dead }) {
      const [B] = x_BD.shape;
      const pre_BF = preOf(params, x_BD);
      const { kept, least } = keep(pre_BF);
      const products = productsFor(params.W_decT, k, pre_BF.shape[1]);
      const errors: Tensor2D[] = [];
      let error = tf.sub<Tensor2D>(params.b_dec, y_BE);
      for (const block of blocks) {
        error = tf.add(error, products.decodeOf(block, kept));
        errors.push(error);
      }
      let G_BE = tf.zerosLike(y_BE);
      const backwards = blocks.toReversed().map((block, i) => {
        const missed = errors[widths.length - 1 - i]!;
        G_BE = tf.add(G_BE, tf.mul(missed, 2 / (widths.length * B)));
        return products.backwardOf(block, kept, G_BE, x_BD);
      });
      const parts = backwards.toReversed();
      const own = {
        W_enc: joined(parts.map(({ W_enc }) => W_enc)),
        W_decT: joined(parts.map(({ W_decT }) => W_decT)),
        b_enc: tf.concat1d(parts.map(({ b_enc }) => b_enc)),
      };
      const { gradients, loss } = withAuxiliary(own, { pre_BF, error, dead, x_BD, params });
      return {
        gradients: { ...gradients, b_dec: columnSums(G_BE) },
        ...{ error, g_BE: G_BE, sparsityLoss: loss, ...firing(kept) },
        activity: tf.concat1d(parts.map(({ activity }) => activity)),
        parts: [tf.div(tf.addN(errors.map(meanSquare)), widths.length), loss],
        ...(least && { least }),
      };
    },
    finish: withLeastAsThreshold,
  };
}

const joined = (parts: Tensor2D[]): Tensor2D => tf.concat2d(parts, 1);
