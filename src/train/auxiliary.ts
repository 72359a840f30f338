/**
 * Revival of dead latents where only the largest are kept: the auxiliary loss of Gao et al., "Scaling and evaluating sparse
 * autoencoders" (2024), section A.2. The dead latents alone try to rebuild what the others left over: with r = x − x̂ (held
 * constant), r̄ its mean over the batch, z the D/2 largest pre-activations among the dead, clipped at 0,
 * L_aux = α · D · Σ_b ‖z W_dec − r‖² / Σ_b ‖r − r̄‖²,  α = 1/32.
 * The quotient is what is left of the residual's variance (dictionary_learning divides by it, OpenAI's by the residual's
 * square), so its weight stays the same however little is left over; D brings it into the units of the reconstruction error,
 * whose inputs have mean square 1. Of a transcoder D is d_out, and x is y.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Scalar, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import { columnDots, columnSums, gate, keepLargest } from "./fused.ts";
import { dense, transposedTimes } from "./ops.ts";

interface Gradients {
  dPre_BF: Tensor2D;
  dW_decT: Tensor2D;
}
interface Leftover {
  pre_BF: Tensor2D;
  /** x̂ − x, [B, D] */
  error: Tensor2D;
  /** [F], 1 where a latent is dead; null while none is */
  dead: Tensor1D | null;
  /** f ↦ f W_dec */
  decode: (f_BF: Tensor2D) => Tensor2D;
  W_decT: Tensor2D;
}

const ALPHA = 1 / 32;

/** Large enough to put the living below every dead latent, small enough to stay finite in float32. */
const FAR = 1e30;
/** Where nothing is left over there is nothing to rebuild. */
const LEAST_VARIANCE = 1e-6;

/** Adds what the auxiliary loss has to say to the gradients of the rest. */
export function withAuxiliary(
  { dPre_BF, dW_decT }: Gradients,
  { pre_BF, error, dead, decode, W_decT }: Leftover,
): Gradients & { loss: Scalar } {
  if (!dead) return { dPre_BF, dW_decT, loss: tf.scalar(0) };
  const [B, D] = error.shape;
  const half = Math.max(1, Math.floor(D / 2));
  const deadPre_BF = tf.add<Tensor2D>(pre_BF, tf.mul(tf.sub(dead, 1), FAR));
  const z_BF = keepLargest(deadPre_BF, half);
  const miss_BD = tf.add<Tensor2D>(decode(z_BF), error); // z W_dec − r
  const offset = tf.square(columnSums(error));
  const variance = tf.sub<Scalar>(tf.sum(columnDots(error, error)), tf.div(tf.sum(offset), B));
  const weight = tf.div<Scalar>(ALPHA * D, tf.maximum(variance, LEAST_VARIANCE));
  const g_BD = tf.mul<Tensor2D>(miss_BD, tf.mul(weight, 2));
  return {
    dPre_BF: tf.add(dPre_BF, gate(dense(g_BD, W_decT), z_BF)),
    dW_decT: tf.add(dW_decT, transposedTimes(g_BD, z_BF)),
    loss: tf.mul(tf.sum(tf.square(miss_BD)), weight),
  };
}
