/**
 * The ReLU autoencoder with an L1 penalty: f = max(pre, 0), L = (1/B) Σ_b ‖x̂ − x‖² + penalty.
 *
 * - `unit` (Bricken et al., "Towards Monosemanticity", 2023): decoder rows of norm 1, penalty (λ/B) Σ f.
 * - `weighted` (Conerly et al., "Update on how we train SAEs", 2024; SAELens's standard): free rows w, penalty
 *   (λ/B) Σ_b Σ_i f_i ‖w_i‖. Its gradients: ∂f_i += (λ/B) ‖w_i‖, ∂w_i += (λ/B) (Σ_b f_i) w_i / ‖w_i‖.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import type { RecipeOf } from "../../core/sae-recipe.ts";
import { columnDots, columnSums, gate } from "../fused.ts";
import { dense, transposedTimes } from "../ops.ts";
import type { Parameters } from "../parameters.ts";
import { rebuild, summed } from "./parts.ts";
import type { Variant } from "./variant.ts";

export function standard({ l1, decoderNorm }: RecipeOf<"standard">): Variant {
  const unit = decoderNorm === "unit";
  const features = ({ W_enc, b_enc }: Parameters, x_BD: Tensor2D) =>
    dense(x_BD, W_enc, b_enc, "relu");
  return {
    unitDecoder: unit,
    revival: "resampled",
    features,
    backward(params, { x_BD, y_BE }, { pressure }) {
      const { W_decT } = params;
      const f_BF = features(params, x_BD);
      const { error, g_BE } = rebuild(f_BF, y_BE, params);
      const share = (pressure * l1) / x_BD.shape[0];
      // What one unit of f costs, per latent; a row of norm 0 has no direction to be drawn in.
      const norms: Tensor1D = unit
        ? tf.ones([W_decT.shape[1]])
        : tf.sqrt(tf.maximum(columnDots(W_decT, W_decT), 1e-30));
      const { gated, sums } = gate(dense(g_BE, W_decT, tf.mul<Tensor1D>(norms, share)), f_BF);
      const { b_enc, activity, firing } = summed(sums);
      const decoder = transposedTimes(g_BE, f_BF);
      const pull = tf.mul(tf.div(activity, norms), share);
      return {
        gradients: {
          W_enc: transposedTimes(x_BD, gated),
          W_decT: unit ? decoder : tf.add(decoder, tf.mul(W_decT, pull)),
          b_enc,
          b_dec: columnSums(g_BE),
        },
        ...{ error, g_BE, ...firing },
        sparsityLoss: tf.mul(tf.sum(tf.mul(activity, norms)), share),
      };
    },
  };
}
