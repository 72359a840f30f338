/**
 * The products of a step in which features take part, f W_dec and what its gradient needs: in full, or, where few features
 * are kept of each token and the backend has a kernel of ours for it, over those few only.
 * Axis letters: B tokens, D d_in, E d_out, F latents.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import { columnSums, fused, gate } from "./fused.ts";
import { isRegistered, KERNELS } from "./kernels/names.ts";
import { dense, timesTransposed, transposedTimes, transposedTimesWithSums } from "./ops.ts";

export interface Products {
  /** f ↦ f W_dec + bias */
  decode(f_BF: Tensor2D, bias?: Tensor1D): Tensor2D;
  /** What f's part in ŷ makes of g = ∂L/∂ŷ, with ∂pre = g W_decᵀ where f is above 0, else 0. */
  backward(f_BF: Tensor2D, g_BE: Tensor2D, x_BD: Tensor2D): FeatureGradients;
}
export interface FeatureGradients {
  /** xᵀ ∂pre, [D, F] */
  W_enc: Tensor2D;
  /** gᵀ f, [E, F] */
  W_decT: Tensor2D;
  /** Σ_b ∂pre, [F] */
  b_enc: Tensor1D;
  /** Σ_b f, [F] */
  activity: Tensor1D;
}

/** How many times the kept ones all features must be, for their sparsity to pay: a full product runs on every thread. */
const PER_THREAD = 12;
let threads = 1;
/** @param count of the threads that full products run on */
export const fullProductsRunOn = (count: number): void => {
  threads = Math.max(1, count);
};

/** Whether sparse products gain. @param kept features of a token, on average, of `dSae` */
export const payFor = (kept: number, dSae: number): boolean =>
  kept * PER_THREAD * threads <= dSae && isRegistered(KERNELS.sparseTimes, tf.getBackend());

export const productsFor = (W_decT: Tensor2D, kept: number, dSae: number): Products =>
  payFor(kept, dSae) ? sparseProducts(W_decT) : denseProducts(W_decT);

export function denseProducts(W_decT: Tensor2D): Products {
  return {
    decode: timesTransposed(W_decT),
    backward(f_BF, g_BE, x_BD) {
      const decoder = transposedTimesWithSums(g_BE, f_BF);
      const encoder = transposedTimesWithSums(x_BD, gate(dense(g_BE, W_decT), f_BF));
      return {
        ...{ W_enc: encoder.product, b_enc: encoder.sums },
        ...{ W_decT: decoder.product, activity: decoder.sums },
      };
    },
  };
}

export function sparseProducts(W_decT: Tensor2D): Products {
  const W_FE: Tensor2D = tf.transpose(W_decT);
  return {
    decode(f_BF, bias) {
      const rebuilt = fused<Tensor2D>(KERNELS.sparseTimes, { f: f_BF, W: W_FE }, {}, () =>
        dense(f_BF, W_FE),
      );
      return bias ? tf.add(rebuilt, bias) : rebuilt;
    },
    backward(f_BF, g_BE, x_BD) {
      const inputs = { f: f_BF, g: g_BE, x: x_BD, W: W_FE };
      const [W_dec, W_enc, b_enc, activity] = fused(KERNELS.sparseGradients, inputs, {}, () => {
        const dPre_BF = gate(dense(g_BE, W_decT), f_BF);
        return [
          ...[transposedTimes(f_BF, g_BE), transposedTimes(dPre_BF, x_BD)],
          ...[columnSums(dPre_BF), columnSums(f_BF)],
        ];
      });
      return {
        ...{ W_decT: tf.transpose(W_dec as Tensor2D), W_enc: tf.transpose(W_enc as Tensor2D) },
        ...{ b_enc: b_enc as Tensor1D, activity: activity as Tensor1D },
      };
    },
  };
}
