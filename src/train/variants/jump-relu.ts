/**
 * JumpReLU (Rajamanoharan et al., "Jumping Ahead", 2024), aimed at a number of active latents as in dictionary_learning:
 * f = pre where pre > θ, else 0, with a threshold θ = e^{log_threshold} per latent, and
 * L = (1/B) Σ_b ‖x̂ − x‖² + c·D·(L0/target − 1)² + revival, L0 = (1/B) Σ_b Σ_i [pre_i > θ_i]. (D, because the error is a
 * sum over D of inputs of mean square 1.)
 *
 * A jump has no gradient, so θ is given that of a window of width ε about it: with K = [|pre − θ| < ε/2] / ε,
 * ∂f/∂θ := −θ K and ∂[pre > θ]/∂θ := −K. So with s = ∂L/∂L0: ∂log_threshold = −θ Σ_b K (θ ∂f + s/B), and
 * ∂pre = ∂f where f > 0.
 *
 * All thresholds start where the target number of latents is active, found on a sample: from anywhere else a short run
 * would be spent on getting there.
 *
 * Dead latents feel γ (1/B) Σ_b max(θ − pre, 0), SAELens's pre-activation loss: too weak to be noticed by any that fire.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Scalar, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import type { RecipeOf } from "../../core/sae-recipe.ts";
import { columnSums, jump, jumpGate, keepLargestOfAll, rowOf } from "../fused.ts";
import { dense, transposedTimes } from "../ops.ts";
import { rebuild, summed } from "./parts.ts";
import { preOf } from "./top-k.ts";
import type { SharedParameters, Variant } from "./variant.ts";

const GAMMA = 3e-6;

export function jumpRelu({ targetL0, l0Weight, bandwidth }: RecipeOf<"jumprelu">): Variant {
  return {
    unitDecoder: true,
    revival: "by gradient",
    rates: { log_threshold: 10 },
    ownParameters: (shared, sample_BD) => ({
      log_threshold: tf.add(
        tf.zerosLike(shared.b_enc),
        tf.log(startOf(shared, sample_BD, targetL0)),
      ),
    }),
    features: (params, x_BD) => jump(preOf(params, x_BD), tf.exp(params.log_threshold!)),
    backward(params, { x_BD, y_BE }, { pressure, dead }) {
      const [B, D] = y_BE.shape; // D of the formulas: the error is a sum over it
      const theta = tf.exp<Tensor1D>(params.log_threshold!);
      const pre_BF = preOf(params, x_BD);
      const f_BF = jump(pre_BF, theta);
      const { error, g_BE } = rebuild(f_BF, y_BE, params);
      const df_BF = dense(g_BE, params.W_decT);
      const { gated, sums } = jumpGate(df_BF, f_BF, pre_BF, theta, bandwidth);
      const { b_enc, firing } = summed(sums);
      const { fires, active } = firing;
      const weight = pressure * l0Weight * D;
      const excess = tf.sub<Scalar>(tf.div(active, B * targetL0), 1);
      const perActive = tf.mul(excess, (2 * weight) / (targetL0 * B)); // s/B
      const [inWindow, gained] = [rowOf(sums, 3), rowOf(sums, 4)];
      const dTheta = tf.mul<Tensor1D>(
        tf.add(tf.mul(theta, gained), tf.mul(perActive, inWindow)),
        -1 / bandwidth,
      );

      const revival = dead && revive(pre_BF, theta, dead);
      const l0Loss = tf.mul<Scalar>(tf.square(excess), weight);
      const revivalLoss = revival?.loss ?? tf.scalar(0);
      return {
        gradients: {
          W_enc: transposedTimes(x_BD, revival ? tf.add(gated, revival.dPre_BF) : gated),
          W_decT: transposedTimes(g_BE, f_BF),
          b_enc: revival ? tf.add(b_enc, revival.db_enc) : b_enc,
          b_dec: columnSums(g_BE),
          log_threshold: tf.mul(theta, revival ? tf.add(dTheta, revival.dTheta) : dTheta),
        },
        error,
        g_BE,
        fires,
        active,
        sparsityLoss: tf.add(l0Loss, revivalLoss),
        parts: [l0Loss, revivalLoss],
      };
    },
    finish: ({ weights, log_threshold }) => ({
      ...weights,
      threshold: log_threshold!.map(Math.exp),
    }),
  };
}

/** Pre-activations that the start of the thresholds is told from. */
const SAMPLE_VALUES = 4e6;
/** Below it a threshold would hardly move: its gradient is by ln θ. */
const LEAST_START = 0.01;

/** The threshold, one for all, above which the target number of latents is active from the first step on. */
function startOf(shared: SharedParameters, sample_BD: Tensor2D, targetL0: number): Scalar {
  const [n, D] = sample_BD.shape;
  const rows = Math.min(n, Math.max(1, Math.floor(SAMPLE_VALUES / shared.b_enc.shape[0])));
  const pre_BF = preOf(shared, tf.slice2d(sample_BD, [0, 0], [rows, D]));
  const { least } = keepLargestOfAll(pre_BF, Math.max(1, Math.round(targetL0 * rows)));
  return tf.maximum(least, LEAST_START);
}

/** (γ/B) Σ_b Σ_dead max(θ − pre, 0) and its gradients. */
function revive(pre_BF: Tensor2D, theta: Tensor1D, dead: Tensor1D) {
  const share = GAMMA / pre_BF.shape[0];
  const short_BF = tf.mul<Tensor2D>(tf.relu(tf.sub(theta, pre_BF)), dead);
  const isShort = tf.step<Tensor2D>(short_BF);
  const count = columnSums(isShort);
  return {
    loss: tf.mul<Scalar>(tf.sum(short_BF), share),
    dPre_BF: tf.mul<Tensor2D>(isShort, -share),
    db_enc: tf.mul<Tensor1D>(count, -share),
    dTheta: tf.mul<Tensor1D>(count, share),
  };
}
