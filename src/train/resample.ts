/**
 * Revival of dead latents in L1 training, after Bricken et al., "Towards Monosemanticity" (2023), appendix: each dead
 * latent gets the direction of an input that is rebuilt badly, drawn with probability proportional to its squared loss;
 * its encoder the same direction at 0.2 of the mean norm of the living; Adam's moments of both start anew.
 * Directions are taken from b_dec, since that is where our decoder starts from. Rare, so two small read-backs are cheap.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import { DEAD_AFTER_TOKENS } from "../core/sae.ts";
import { columnDots, columnSums } from "./fused.ts";
import { dense, tidy, timesTransposed } from "./ops.ts";
import { disposeState, type Parameters, type TrainState } from "./parameters.ts";

/** Encoder norm of a revived latent, as a share of the mean norm of the living. */
const ENCODER_SHARE = 0.2;

/**
 * @param raw_BD activations in the model's own scale; the caller keeps them
 * @param random numbers in [0, 1)
 * @returns the next state (the given one is disposed unless nothing was dead) and how many latents were revived
 */
export async function resample(
  state: TrainState,
  raw_BD: Tensor2D,
  scale: number,
  random: () => number,
): Promise<{ state: TrainState; revived: number }> {
  const silence = await state.silence.data<"float32">();
  const isDead = Float32Array.from(silence, (tokens) => (tokens >= DEAD_AFTER_TOKENS ? 1 : 0));
  const revived = isDead.reduce((sum, dead) => sum + dead, 0);
  if (revived === 0 || revived === isDead.length) return { state, revived: 0 };
  const losses = tf.tidy(() => tokenLosses(state.params, tf.mul(raw_BD, scale)));
  const chosen = draw(await losses.data<"float32">(), isDead, random);
  losses.dispose();
  const next = tidy(() => replaceDead(state, tf.mul(raw_BD, scale), isDead, chosen));
  disposeState(state);
  return { state: next, revived };
}

/** ‖x̂ − x‖² per token, [B]. */
function tokenLosses({ W_enc, W_decT, b_enc, b_dec }: Parameters, x_BD: Tensor2D): Tensor1D {
  const f_BF = dense(x_BD, W_enc, b_enc, "relu");
  return tf.sum(tf.square(tf.sub(timesTransposed(W_decT)(f_BF, b_dec), x_BD)), 1);
}

/** For each dead latent a token, with probability ∝ loss²; 0 for the living, where it is not used. */
function draw(losses: Float32Array, isDead: Float32Array, random: () => number): Int32Array {
  const upTo = new Float64Array(losses.length);
  let total = 0;
  losses.forEach((loss, b) => (upTo[b] = total += loss ** 2));
  return Int32Array.from(isDead, (dead) => {
    if (!dead) return 0;
    const at = random() * total;
    const b = upTo.findIndex((sum) => sum > at);
    return b === -1 ? losses.length - 1 : b;
  });
}

function replaceDead(
  { params, m, v, silence, inputSums, latentSums }: TrainState,
  x_BD: Tensor2D,
  isDead: Float32Array,
  chosen: Int32Array,
): TrainState {
  const dead = tf.tensor1d(isDead);
  const alive = tf.sub<Tensor1D>(1, dead);
  const centred = tf.sub<Tensor2D>(x_BD, params.b_dec);
  const norms = tf.sqrt(tf.sum(tf.square(centred), 1, true));
  const unit = tf.div<Tensor2D>(centred, tf.add(norms, 1e-12));
  const directions_DF = tf.transpose(tf.gather(unit, tf.tensor1d(chosen, "int32")));
  const encoderNorms = tf.sqrt(columnDots(params.W_enc, params.W_enc));
  const norm = tf.mul(tf.div(tf.sum(tf.mul(encoderNorms, alive)), tf.sum(alive)), ENCODER_SHARE);
  const W_enc = tf.mul<Tensor2D>(directions_DF, norm);
  const b_enc = tf.neg<Tensor1D>(columnSums(tf.mul(W_enc, tf.reshape(params.b_dec, [-1, 1]))));
  const blend = <T extends tf.Tensor>(old: T, fresh: T): T =>
    tf.add<T>(tf.mul(old, alive), tf.mul(fresh, dead));
  const forget = (moment: Parameters): Parameters => ({
    W_enc: tf.mul(moment.W_enc, alive),
    W_decT: tf.mul(moment.W_decT, alive),
    b_enc: tf.mul(moment.b_enc, alive),
    b_dec: tf.clone(moment.b_dec),
  });
  return {
    params: {
      W_enc: blend(params.W_enc, W_enc),
      W_decT: blend(params.W_decT, directions_DF),
      b_enc: blend(params.b_enc, b_enc),
      b_dec: tf.clone(params.b_dec),
    },
    m: forget(m),
    v: forget(v),
    silence: tf.mul(silence, alive),
    inputSums: tf.clone(inputSums),
    latentSums: tf.clone(latentSums),
  };
}
