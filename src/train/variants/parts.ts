/**
 * What the variants' backward passes share. With g = ∂L/∂ŷ = (2/B)(ŷ − y): ∂b_dec = Σ_b g, ∂W_dec = fᵀ g,
 * ∂f = g W_decᵀ; and with ∂pre: ∂W_enc = xᵀ ∂pre, ∂b_enc = Σ_b ∂pre.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Scalar, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import { columnSums, countFires } from "../fused.ts";
import { timesTransposed, transposedTimesWithSums } from "../ops.ts";
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

/** On how many tokens each latent was active, [F], and all of them together. */
export function firing(f_BF: Tensor2D): { fires: Tensor1D; active: Scalar } {
  const fires = countFires(f_BF);
  return { fires, active: tf.sum(fires) };
}

/** Σ_b ‖error‖² / B */
export const meanSquare = (error: Tensor2D): Scalar =>
  tf.div(tf.sum(tf.square(error)), error.shape[0]);

/** (2/B) times an error. */
export const towards = (error: Tensor2D): Tensor2D => tf.mul(error, 2 / error.shape[0]);

export function decoderGradient(
  g_BE: Tensor2D,
  f_BF: Tensor2D,
): { W_decT: Tensor2D; b_dec: Tensor1D; activity: Tensor1D } {
  const { product, sums } = transposedTimesWithSums(g_BE, f_BF);
  return { W_decT: product, b_dec: columnSums(g_BE), activity: sums };
}

export function encoderGradient(
  x_BD: Tensor2D,
  dPre_BF: Tensor2D,
): Pick<Parameters, "W_enc" | "b_enc"> {
  const { product, sums } = transposedTimesWithSums(x_BD, dPre_BF);
  return { W_enc: product, b_enc: sums };
}
