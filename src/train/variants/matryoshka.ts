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
import type { Scalar, Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";
import type { RecipeOf } from "../../core/sae-recipe.ts";
import { withAuxiliary } from "../auxiliary.ts";
import { columnSums, sumsOnward } from "../fused.ts";
import { productsFor } from "../sparse.ts";
import { summed } from "./parts.ts";
import { largestOfBatch, preOf, withLeastAsThreshold } from "./top-k.ts";
import type { Variant } from "./variant.ts";

export function matryoshka({ k, widths }: RecipeOf<"matryoshka">): Variant {
  const keep = largestOfBatch(k);
  const n = widths.length;
  return {
    unitDecoder: true,
    revival: "by gradient",
    features: (params, x_BD) => keep(preOf(params, x_BD)).kept,
    backward(params, { x_BD, y_BE }, { dead }) {
      const [B, E] = y_BE.shape;
      const pre_BF = preOf(params, x_BD);
      const { kept, least } = keep(pre_BF);
      const products = productsFor(params.W_decT, k, pre_BF.shape[1]);
      const offset = tf.sub<Tensor2D>(params.b_dec, y_BE);
      const errors = tf.add<Tensor3D>(products.decodeNested(widths, kept), offset);
      const G_nBE = sumsOnward(errors, 2 / (n * B));
      const of = (each: Tensor3D, j: number) =>
        tf.reshape<tf.Rank.R2>(tf.slice3d(each, [j, 0, 0], [1, B, E]), [B, E]);
      const error = of(errors, n - 1);
      const g_BE = of(G_nBE, 0);
      const { sums, ...own } = products.backwardNested(widths, kept, G_nBE, x_BD);
      const { b_enc, firing } = summed(sums);
      const leftover = { pre_BF, error, dead, x_BD, params };
      const { gradients, loss } = withAuxiliary({ ...own, b_enc }, leftover);
      const rebuilding = tf.div<Scalar>(tf.sum(tf.square(errors)), n * B);
      return {
        gradients: { ...gradients, b_dec: columnSums(g_BE) },
        ...{ error, g_BE, sparsityLoss: loss, ...firing },
        parts: [rebuilding, loss],
        ...(least && { least }),
      };
    },
    finish: withLeastAsThreshold,
  };
}
