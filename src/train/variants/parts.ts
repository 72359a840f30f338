/**
 * What the variants' backward passes share. With g = ∂L/∂ŷ = (2/B)(ŷ − y): ∂b_dec = Σ_b g, ∂W_dec = fᵀ g,
 * ∂f = g W_decᵀ; and with ∂pre: ∂W_enc = xᵀ ∂pre, ∂b_enc = Σ_b ∂pre.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Scalar, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import { rowOf } from "../fused.ts";
import { timesTransposed } from "../ops.ts";
import type { Parameters } from "../parameters.ts";

export interface Rebuilt {
  /** f ↦ f W_dec + bias */
  decode: (f_BF: Tensor2D, bias?: Tensor1D) => Tensor2D;
  /** ŷ − y */
  error: Tensor2D;
  /** (2/B)(ŷ − y) */
  g_BE: Tensor2D;
}

export function rebuild(f_BF: Tensor2D, y_BE: Tensor2D, { W_decT, b_dec }: Parameters): Rebuilt {
  const decode = timesTransposed(W_decT);
  const error = tf.sub<Tensor2D>(decode(f_BF, b_dec), y_BE);
  return { decode, error, g_BE: towards(error) };
}

/** What the sums of `gate` say: Σ_b ∂pre, Σ_b f, on how many tokens each latent was active, [F]; and the last all together. */
export const summed = (sums: Tensor2D) => {
  const fires = rowOf(sums, 2);
  return {
    b_enc: rowOf(sums, 0),
    activity: rowOf(sums, 1),
    firing: { fires, active: tf.sum<Scalar>(fires) },
  };
};

/** Σ_b ‖error‖² / B */
export const meanSquare = (error: Tensor2D): Scalar =>
  tf.div(tf.sum(tf.square(error)), error.shape[0]);

/** (2/B) times an error. */
export const towards = (error: Tensor2D): Tensor2D => tf.mul(error, 2 / error.shape[0]);
