/**
 * The gated autoencoder (Rajamanoharan et al., "Improving Dictionary Learning with Gated Sparse Autoencoders", 2024):
 * a gate says which latents are active, a second path how much, so that the penalty does not shrink activations.
 * With one encoder for both: π = x W_enc + b_enc (SAELens: b_gate), mag = x W_enc · e^r_mag + b_mag,
 * f = max(mag, 0) where π > 0, else 0, and
 * L = (1/B) Σ_b ‖x̂ − x‖² + (λ/B) Σ max(π, 0) + (1/B) Σ_b ‖x − x̂_gate‖², x̂_gate = max(π, 0) W_dec + b_dec.
 * The last term gives the gate a gradient, which [π > 0] has none of; its decoder is held constant, as in the paper.
 *
 * ∂mag = ∂f where f > 0; ∂π = g_gate W_decᵀ + λ/B where π > 0, g_gate = (2/B)(x̂_gate − x).
 * ∂W_enc = xᵀ (∂mag · e^r_mag + ∂π), ∂b_mag = Σ_b ∂mag, and as mag = f where ∂mag is not 0:
 * ∂r_mag = Σ_b ∂mag · (mag − b_mag) = Σ_b ∂mag · f − b_mag ∂b_mag.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Scalar, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import type { RecipeOf } from "../../core/sae-recipe.ts";
import { columnSums, openGate, rowOf, throughGate } from "../fused.ts";
import { dense, transposedTimes } from "../ops.ts";
import type { Parameters } from "../parameters.ts";
import { meanSquare, rebuild, towards } from "./parts.ts";
import type { Variant } from "./variant.ts";

export function gated({ l1 }: RecipeOf<"gated">): Variant {
  return {
    unitDecoder: true,
    revival: "resampled",
    ownParameters: ({ b_enc }) => ({ r_mag: tf.zerosLike(b_enc), b_mag: tf.clone(b_enc) }),
    features: (params, x_BD) => gatedPaths(params, x_BD).f_BF,
    backward(params, { x_BD, y_BE }, { pressure }) {
      const { W_decT, b_dec, b_mag } = params;
      const { open_BF, f_BF, gain } = gatedPaths(params, x_BD);
      const { decode, error, g_BE } = rebuild(f_BF, y_BE, params);
      const dMag_BF = dense(g_BE, W_decT);

      const share = (pressure * l1) / x_BD.shape[0];
      const gateError = tf.sub<Tensor2D>(decode(open_BF, b_dec), y_BE);
      const penalty: Tensor1D = tf.fill([W_decT.shape[1]], share);
      const dGate_BF = dense(towards(gateError), W_decT, penalty);
      const { dPre_BF, sums } = throughGate({ dMag_BF, dGate_BF, f_BF, open_BF, gain_F: gain });
      const [dMag, dGain, fires, dGate, opened] = [0, 1, 2, 3, 4].map((row) => rowOf(sums, row));
      const gateLoss = meanSquare(gateError);
      const penaltyLoss = tf.mul<Scalar>(tf.sum(opened!), share);
      return {
        gradients: {
          W_enc: transposedTimes(x_BD, dPre_BF),
          W_decT: transposedTimes(g_BE, f_BF),
          b_enc: dGate!,
          b_dec: columnSums(g_BE),
          r_mag: tf.sub(dGain!, tf.mul(b_mag!, dMag!)),
          b_mag: dMag!,
        },
        error,
        g_BE,
        fires: fires!,
        active: tf.sum(fires!),
        sparsityLoss: tf.add(penaltyLoss, gateLoss),
        parts: [penaltyLoss, gateLoss],
      };
    },
  };
}

/** max(π, 0), f, and e^r_mag. */
export function gatedPaths(
  { W_enc, b_enc, r_mag, b_mag }: Pick<Parameters, "W_enc" | "b_enc" | "r_mag" | "b_mag">,
  x_BD: Tensor2D,
) {
  const gain = tf.exp<Tensor1D>(r_mag!);
  const pi_BF = dense(x_BD, W_enc, b_enc);
  // (π − b_enc) e^r_mag + b_mag
  const shift = tf.sub<Tensor1D>(b_mag!, tf.mul(b_enc, gain));
  return { ...openGate(pi_BF, gain, shift), gain };
}
