/**
 * The products of a step in which features take part, f W_dec and what its gradient needs: in full, or, where few features
 * are kept of each token and the backend has a kernel of ours for it, over those few only.
 * Axis letters: B tokens, D d_in, E d_out, F latents.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor1D, Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";
import { fused, gate } from "./fused.ts";
import { isRegistered, KERNELS } from "./kernels/names.ts";
import { dense, timesTransposed, transposedTimes } from "./ops.ts";

export interface Products {
  /** f ↦ f W_dec + bias */
  decode(f_BF: Tensor2D, bias?: Tensor1D): Tensor2D;
  /** f W_dec of the features before each of `ends` alone, one after another, [n, B, E]. The last end is F. */
  decodeNested(ends: readonly number[], f_BF: Tensor2D): Tensor3D;
  /** What f's part in ŷ makes of g = ∂L/∂ŷ, with ∂pre = g W_decᵀ where f is above 0, else 0. */
  backward(f_BF: Tensor2D, g_BE: Tensor2D, x_BD: Tensor2D): FeatureGradients;
  /** The same where the features between two of `ends` have a g of their own, [n, B, E]. */
  backwardNested(
    ends: readonly number[],
    f_BF: Tensor2D,
    g_nBE: Tensor3D,
    x_BD: Tensor2D,
  ): FeatureGradients;
}
export interface FeatureGradients {
  /** xᵀ ∂pre, [D, F] */
  W_enc: Tensor2D;
  /** gᵀ f, [E, F] */
  W_decT: Tensor2D;
  /** Over the tokens, as in `gate`: Σ ∂pre, Σ f, how often f is above 0; [3, F] */
  sums: Tensor2D;
}

/** How many times the kept ones all features must be, for their sparsity to pay: a full product runs on every thread. */
const PER_THREAD = 8;
/**
 * Of a GPU, where products wait for memory. TensorFlow.js makes full ones in tiles of 32 × 32: each number that is read serves 32
 * sums, so 2/32 are read for each feature and entry of a token. One over few features reads 1 for each kept one: it gains where
 * k < F · 2/32. No measurement decides, so that the same seed makes the same SAE.
 */
const ON_GPU = 16;
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

export function denseProducts(W_decT: Tensor2D): Products {
  const decode = timesTransposed(W_decT);
  const backward = (W: Tensor2D, f: Tensor2D, g_BE: Tensor2D, x_BD: Tensor2D): FeatureGradients => {
    const { gated, sums } = gate(dense(g_BE, W), f);
    return { W_decT: transposedTimes(g_BE, f), W_enc: transposedTimes(x_BD, gated), sums };
  };
  return {
    decode,
    decodeNested(ends, f_BF) {
      let sum: Tensor2D | null = null;
      const each = blocksOf(ends).map((block) => {
        const own = timesTransposed(columns(W_decT, block))(columns(f_BF, block));
        return (sum = sum ? tf.add<Tensor2D>(sum, own) : own);
      });
      return tf.stack(each) as Tensor3D;
    },
    backward: (f_BF, g_BE, x_BD) => backward(W_decT, f_BF, g_BE, x_BD),
    backwardNested(ends, f_BF, g_nBE, x_BD) {
      const gs = tf.unstack(g_nBE) as Tensor2D[];
      const parts = blocksOf(ends).map((block, j) =>
        backward(columns(W_decT, block), columns(f_BF, block), gs[j]!, x_BD),
      );
      const joined = (name: keyof FeatureGradients) =>
        tf.concat2d(
          parts.map((part) => part[name]),
          1,
        );
      return { W_enc: joined("W_enc"), W_decT: joined("W_decT"), sums: joined("sums") };
    },
  };
}

/** Features [from, to). */
interface Block {
  from: number;
  to: number;
}
const blocksOf = (ends: readonly number[]): Block[] =>
  ends.map((to, j) => ({ from: j === 0 ? 0 : ends[j - 1]!, to }));
const columns = (a: Tensor2D, { from, to }: Block): Tensor2D =>
  tf.slice2d(a, [0, from], [a.shape[0], to - from]);

export function sparseProducts(W_decT: Tensor2D): Products {
  const W_FE: Tensor2D = tf.transpose(W_decT);
  const plain = () => denseProducts(W_decT);
  const decodeNested: Products["decodeNested"] = (ends, f_BF) =>
    fused<Tensor3D>(KERNELS.sparseTimes, { f: f_BF, W: W_FE }, { ends: [...ends] }, () =>
      plain().decodeNested(ends, f_BF),
    );
  const backwardNested: Products["backwardNested"] = (ends, f_BF, g_nBE, x_BD) => {
    const inputs = { f: f_BF, g: g_nBE, x: x_BD, W: W_FE };
    const found = fused(KERNELS.sparseGradients, inputs, { ends: [...ends] }, (): Tensor2D[] => {
      const own = plain().backwardNested(ends, f_BF, g_nBE, x_BD);
      return [tf.transpose(own.W_decT), tf.transpose(own.W_enc), own.sums];
    });
    const [W_decT, W_enc, sums] = [tf.transpose(found[0]!), tf.transpose(found[1]!), found[2]!];
    return { W_decT, W_enc, sums };
  };
  const all = [W_FE.shape[0]];
  return {
    decode(f_BF, bias) {
      const rebuilt = tf.squeeze<Tensor2D>(decodeNested(all, f_BF), [0]);
      return bias ? tf.add(rebuilt, bias) : rebuilt;
    },
    decodeNested,
    backward: (f_BF, g_BE, x_BD) =>
      backwardNested(all, f_BF, tf.expandDims<Tensor3D>(g_BE, 0), x_BD),
    backwardNested,
  };
}
