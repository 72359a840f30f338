/**
 * Loss and gradients of an SAE, written out by hand instead of by autodiff: on TensorFlow.js's WASM backend autodiff takes
 * the slow path of every product with a transposed operand, and everywhere it keeps and passes over far more of size
 * [B, F] than is needed. Everything below is products, sums and sign tests.
 *
 * pre = x W_enc + b_enc;  f = max(pre, 0) (standard) or the k largest of pre, then max(·, 0) (TopK);  x̂ = f W_dec + b_dec
 * L = (1/B) Σ_b ‖x̂ − x‖² + (λ/B) Σ_b ‖f‖₁ + aux      (decoder rows have norm 1, so ‖f‖₁ needs no weights)
 * With g = (2/B)(x̂ − x):  ∂b_dec = Σ_b g,  ∂W_dec = fᵀ g,  ∂f = g W_decᵀ + λ/B,  ∂pre = ∂f ∘ [f > 0],
 * ∂W_enc = xᵀ ∂pre,  ∂b_enc = Σ_b ∂pre.
 * Axis letters: B tokens, D d_in, F latents.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Scalar, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import { auxiliary, type AuxiliaryTerm } from "./auxiliary.ts";
import { columnSums, countActive, gate, keepLargest } from "./fused.ts";
import type { Parameters } from "./parameters.ts";
import { dense, timesTransposed, transposedTimesWithSums } from "./ops.ts";

export type Objective =
  | { variant: "standard"; /** λ */ l1: number }
  | {
      variant: "topk";
      k: number;
      /** [F], 1 where a latent is dead; null while none is, which saves three products. */
      dead: Tensor1D | null;
    };

export interface Backward {
  gradients: Parameters;
  /** x̂ − x, [B, D] */
  error: Tensor2D;
  /** Σ_b f per latent, [F]: above 0 where it fired. */
  activity: Tensor1D;
  /** Active latents, summed over the tokens. */
  active: Scalar;
  /** (λ/B) Σ ‖f‖₁ (standard) or the auxiliary loss (TopK). */
  sparsityLoss: Scalar;
}

/** To be called within a `tidy`. @param x_BD inputs in the scale of training */
export function backward(params: Parameters, x_BD: Tensor2D, objective: Objective): Backward {
  const B = x_BD.shape[0];
  const { W_enc, W_decT, b_enc, b_dec } = params;
  const topk = objective.variant === "topk";
  const pre_BF = dense(x_BD, W_enc, b_enc, topk ? "linear" : "relu");
  const f_BF = topk ? keepLargest(pre_BF, objective.k) : pre_BF;
  const decode = timesTransposed(W_decT);
  const error = tf.sub<Tensor2D>(decode(f_BF, b_dec), x_BD);
  const g_BD = tf.mul<Tensor2D>(error, 2 / B);

  const lambda = topk ? 0 : objective.l1 / B;
  const df_BF = dense(
    g_BD,
    W_decT,
    topk ? undefined : tf.fill<tf.Rank.R1>([W_enc.shape[1]], lambda),
  );
  let dPre_BF = gate(df_BF, f_BF);
  const decoder = transposedTimesWithSums(g_BD, f_BF);
  const activity = decoder.sums;
  let dW_decT = decoder.product;
  let sparsityLoss: Scalar;
  if (topk) {
    const term: AuxiliaryTerm | null = objective.dead
      ? auxiliary(pre_BF, error, objective.dead, decode, W_decT)
      : null;
    if (term) {
      dPre_BF = tf.add(dPre_BF, term.dPre_BF);
      dW_decT = tf.add(dW_decT, term.dW_decT);
    }
    sparsityLoss = term?.loss ?? tf.scalar(0);
  } else {
    sparsityLoss = tf.mul(tf.sum(activity), lambda);
  }
  const encoder = transposedTimesWithSums(x_BD, dPre_BF);
  return {
    gradients: {
      W_enc: encoder.product,
      W_decT: dW_decT,
      b_enc: encoder.sums,
      b_dec: columnSums(g_BD),
    },
    error,
    activity,
    active: countActive(f_BF),
    sparsityLoss,
  };
}
