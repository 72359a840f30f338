/**
 * Revival of dead latents where only the largest are kept: the auxiliary loss of Gao et al., "Scaling and evaluating sparse
 * autoencoders" (2024), section A.2, with the weighting of SAELens. The dead latents alone try to rebuild what the
 * others left over: with r = x − x̂ (held constant), z the D/2 largest pre-activations among the dead, clipped at 0,
 * L_aux = (w/B) Σ_b ‖z W_dec − r‖²,  w = min(dead / (D/2), 1).
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Scalar, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import { gate, keepLargest } from "./fused.ts";
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

/** Large enough to put the living below every dead latent, small enough to stay finite in float32. */
const FAR = 1e30;

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
  const weight = tf.minimum(tf.div(tf.sum(dead), half), 1);
  const g_BD = tf.mul<Tensor2D>(miss_BD, tf.mul(weight, 2 / B));
  return {
    dPre_BF: tf.add(dPre_BF, gate(dense(g_BD, W_decT), z_BF)),
    dW_decT: tf.add(dW_decT, transposedTimes(g_BD, z_BF)),
    loss: tf.mul(tf.sum(tf.square(miss_BD)), tf.div(weight, B)),
  };
}
