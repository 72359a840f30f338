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
import { columnDots, columnSums, keepLargest, rowOf } from "./fused.ts";
import type { Parameters } from "./parameters.ts";
import { productsFor } from "./sparse.ts";

type Gradients = Pick<Parameters, "W_enc" | "W_decT" | "b_enc">;
interface Leftover {
  pre_BF: Tensor2D;
  /** x̂ − x, [B, D] */
  error: Tensor2D;
  /** [F], 1 where a latent is dead; null while none is */
  dead: Tensor1D | null;
  x_BD: Tensor2D;
  params: Parameters;
}

const ALPHA = 1 / 32;

/** Large enough to put the living below every dead latent, small enough to stay finite in float32. */
const FAR = 1e30;
/** Where nothing is left over there is nothing to rebuild. */
const LEAST_VARIANCE = 1e-6;

/** Adds what the auxiliary loss has to say to the gradients of the rest. */
export function withAuxiliary(
  own: Gradients,
  { pre_BF, error, dead, x_BD, params }: Leftover,
): { gradients: Gradients; loss: Scalar } {
  if (!dead) return { gradients: own, loss: tf.scalar(0) };
  const [B, D] = error.shape;
  const half = Math.max(1, Math.floor(D / 2));
  const deadPre_BF = tf.add<Tensor2D>(pre_BF, tf.mul(tf.sub(dead, 1), FAR));
  const z_BF = keepLargest(deadPre_BF, half);
  const products = productsFor(params.W_decT, half, pre_BF.shape[1]);
  const miss_BD = tf.add<Tensor2D>(products.decode(z_BF), error); // z W_dec − r
  const offset = tf.square(columnSums(error));
  const variance = tf.sub<Scalar>(tf.sum(columnDots(error, error)), tf.div(tf.sum(offset), B));
  const weight = tf.div<Scalar>(ALPHA * D, tf.maximum(variance, LEAST_VARIANCE));
  const more = products.backward(z_BF, tf.mul(miss_BD, tf.mul(weight, 2)), x_BD);
  return {
    gradients: {
      W_enc: tf.add(own.W_enc, more.W_enc),
      W_decT: tf.add(own.W_decT, more.W_decT),
      b_enc: tf.add(own.b_enc, rowOf(more.sums, 0)),
    },
    loss: tf.mul(tf.sum(tf.square(miss_BD)), weight),
  };
}
