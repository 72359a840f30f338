/**
 * The products of a step in which features take part, f W_dec and what its gradient needs: in full, or, where few features
 * are kept of each token and the backend has a kernel of ours for it, over those few only.
 * Axis letters: B tokens, D d_in, E d_out, F latents.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import { columnSums, fused, gate } from "./fused.ts";
import { isRegistered, KERNELS } from "./kernels/names.ts";
import type { FeatureRange } from "./kernels/sparse-products.ts";
import { dense, timesTransposed, transposedTimes, transposedTimesWithSums } from "./ops.ts";

export interface Products {
  /** f ↦ f W_dec + bias */
  decode(f_BF: Tensor2D, bias?: Tensor1D): Tensor2D;
  /** The same of the features of a range alone. */
  decodeOf(range: FeatureRange, f_BF: Tensor2D): Tensor2D;
  /** What f's part in ŷ makes of g = ∂L/∂ŷ, with ∂pre = g W_decᵀ where f is above 0, else 0. */
  backward(f_BF: Tensor2D, g_BE: Tensor2D, x_BD: Tensor2D): FeatureGradients;
  /** The gradients of the features of a range alone: [D, R], [E, R], [R] and [R]. */
  backwardOf(range: FeatureRange, f_BF: Tensor2D, g_BE: Tensor2D, x_BD: Tensor2D): FeatureGradients;
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
const PER_THREAD = 8;
/** Of a GPU, whose full products use its memory far better. */
const ON_GPU = 12;
let threads = 1;
/** @param count of the threads that full products run on */
export const fullProductsRunOn = (count: number): void => {
  threads = Math.max(1, count);
};

/** Whether sparse products gain. @param kept features of a token, on average, of `dSae` */
export function payFor(kept: number, dSae: number): boolean {
  const backend = tf.getBackend();
  const least = backend === "webgpu" ? ON_GPU : PER_THREAD * threads;
  return kept * least <= dSae && isRegistered(KERNELS.sparseTimes, backend);
}

export const productsFor = (W_decT: Tensor2D, kept: number, dSae: number): Products =>
  payFor(kept, dSae) ? sparseProducts(W_decT) : denseProducts(W_decT);

/** Columns [from, to). */
const columns = (a: Tensor2D, { from, to }: FeatureRange): Tensor2D =>
  tf.slice2d(a, [0, from], [a.shape[0], to - from]);

export function denseProducts(W_decT: Tensor2D): Products {
  const whole = timesTransposed(W_decT);
  const gradients = (W: Tensor2D, f: Tensor2D, g_BE: Tensor2D, x_BD: Tensor2D) => {
    const decoder = transposedTimesWithSums(g_BE, f);
    const encoder = transposedTimesWithSums(x_BD, gate(dense(g_BE, W), f));
    return {
      ...{ W_enc: encoder.product, b_enc: encoder.sums },
      ...{ W_decT: decoder.product, activity: decoder.sums },
    };
  };
  return {
    decode: whole,
    decodeOf: (range, f_BF) => timesTransposed(columns(W_decT, range))(columns(f_BF, range)),
    backward: (f_BF, g_BE, x_BD) => gradients(W_decT, f_BF, g_BE, x_BD),
    backwardOf: (range, f_BF, g_BE, x_BD) =>
      gradients(columns(W_decT, range), columns(f_BF, range), g_BE, x_BD),
  };
}

export function sparseProducts(W_decT: Tensor2D): Products {
  const W_FE: Tensor2D = tf.transpose(W_decT);
  const all = { from: 0, to: W_FE.shape[0] };
  const rows = ({ from, to }: FeatureRange) =>
    tf.slice2d(W_FE, [from, 0], [to - from, W_FE.shape[1]]);
  const decodeOf = (range: FeatureRange, f_BF: Tensor2D): Tensor2D =>
    fused<Tensor2D>(KERNELS.sparseTimes, { f: f_BF, W: W_FE }, { ...range }, () =>
      dense(columns(f_BF, range), rows(range)),
    );
  const backwardOf: Products["backwardOf"] = (range, f_BF, g_BE, x_BD) => {
    const inputs = { f: f_BF, g: g_BE, x: x_BD, W: W_FE };
    const [W_dec, W_enc, b_enc, activity] = fused(
      KERNELS.sparseGradients,
      inputs,
      { ...range },
      () => {
        const f_BR = columns(f_BF, range);
        const dPre_BR = gate(dense(g_BE, tf.transpose(rows(range))), f_BR);
        return [
          ...[transposedTimes(f_BR, g_BE), transposedTimes(dPre_BR, x_BD)],
          ...[columnSums(dPre_BR), columnSums(f_BR)],
        ];
      },
    );
    return {
      ...{ W_decT: tf.transpose(W_dec as Tensor2D), W_enc: tf.transpose(W_enc as Tensor2D) },
      ...{ b_enc: b_enc as Tensor1D, activity: activity as Tensor1D },
    };
  };
  return {
    decode(f_BF, bias) {
      const rebuilt = decodeOf(all, f_BF);
      return bias ? tf.add(rebuilt, bias) : rebuilt;
    },
    decodeOf,
    backward: (f_BF, g_BE, x_BD) => backwardOf(all, f_BF, g_BE, x_BD),
    backwardOf,
  };
}
