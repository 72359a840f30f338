/**
 * Revival of dead latents where an L1 penalty makes them sparse, after Bricken et al., "Towards Monosemanticity" (2023), appendix: each dead
 * latent gets the direction of an input that is rebuilt badly, drawn with probability proportional to its squared loss;
 * its encoder the same direction at 0.2 of the mean norm of the living; Adam's moments of both start anew.
 * Directions are taken from b_dec, since that is where our decoder starts from. A transcoder's encoder gets the direction of
 * what it reads, from its mean, and the decoder that of what is to be rebuilt. Rare, so two small read-backs are cheap.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import { DEAD_AFTER_TOKENS } from "../core/sae.ts";
import { columnDots, columnSums } from "./fused.ts";
import { tidy } from "./ops.ts";
import { type Ends, type Pair, type Scales, scaledPair } from "./pairs.ts";
import { disposeState, mapTensors, type Parameters, type TrainState } from "./parameters.ts";
import { withoutSkip } from "./skip.ts";
import { rebuild } from "./variants/parts.ts";
import type { Variant } from "./variants/variant.ts";

/** Encoder norm of a revived latent, as a share of the mean norm of the living. */
const ENCODER_SHARE = 0.2;

interface Sample {
  /** Activations in the model's own scale, see `pairs.ts`; the caller keeps them. */
  rows: Tensor2D;
  ends: Ends;
  scales: Scales;
}

/**
 * @param random numbers in [0, 1)
 * @returns the next state (the given one is disposed unless nothing was dead) and how many latents were revived
 */
export async function resample(
  variant: Variant,
  state: TrainState,
  { rows, ends, scales }: Sample,
  random: () => number,
): Promise<{ state: TrainState; revived: number }> {
  const silence = await state.silence.data<"float32">();
  const isDead = Float32Array.from(silence, (tokens) => (tokens >= DEAD_AFTER_TOKENS ? 1 : 0));
  const revived = isDead.reduce((sum, dead) => sum + dead, 0);
  if (revived === 0 || revived === isDead.length) return { state, revived: 0 };
  const losses = tf.tidy(() =>
    tokenLosses(variant, state.params, withoutSkip(state.params, scaledPair(rows, ends, scales))),
  );
  const chosen = draw(await losses.data<"float32">(), isDead, random);
  losses.dispose();
  const next = tidy(() => {
    const pair = scaledPair(rows, ends, scales);
    const from = pair.y_BE === pair.x_BD ? state.params.b_dec : scales.input.centre;
    return replaceDead(state, withoutSkip(state.params, pair), from, isDead, chosen);
  });
  disposeState(state);
  return { state: next, revived };
}

/** ‖ŷ − y‖² per token, [B]. */
const tokenLosses = (variant: Variant, params: Parameters, { x_BD, y_BE }: Pair): Tensor1D =>
  tf.sum(tf.square(rebuild(variant.features(params, x_BD), y_BE, params).error), 1);

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
  { params, m, v, silence, least, inputSums, stepSums, fires }: TrainState,
  { x_BD, y_BE }: Pair,
  from_D: Tensor1D,
  isDead: Float32Array,
  chosen: Int32Array,
): TrainState {
  const dead = tf.tensor1d(isDead);
  const alive = tf.sub<Tensor1D>(1, dead);
  const tokens = tf.tensor1d(chosen, "int32");
  const directions = (rows: Tensor2D, from: Tensor1D): Tensor2D => {
    const centred = tf.sub<Tensor2D>(rows, from);
    const norms = tf.sqrt(tf.sum(tf.square(centred), 1, true));
    const unit = tf.div<Tensor2D>(centred, tf.add(norms, 1e-12));
    return tf.transpose(tf.gather(unit, tokens));
  };
  const encoderNorms = tf.sqrt(columnDots(params.W_enc, params.W_enc));
  const norm = tf.mul(tf.div(tf.sum(tf.mul(encoderNorms, alive)), tf.sum(alive)), ENCODER_SHARE);
  const W_enc = tf.mul<Tensor2D>(directions(x_BD, from_D), norm);
  const W_decT = directions(y_BE, params.b_dec);
  const b_enc = tf.neg<Tensor1D>(columnSums(tf.mul(W_enc, tf.reshape(from_D, [-1, 1]))));
  const blend = (old: tf.Tensor, fresh: tf.Tensor): tf.Tensor =>
    tf.add(tf.mul(old, alive), tf.mul(fresh, dead));
  // A gated latent starts with both paths alike.
  const fresh = { W_enc, W_decT, b_enc, b_mag: b_enc, r_mag: tf.zerosLike(b_enc) };
  const forget = (moment: Parameters): Parameters =>
    mapTensors(moment, (name, value) =>
      name === "b_dec" || name === "W_skip" ? tf.clone(value) : tf.mul(value, alive),
    );
  return {
    params: mapTensors(params, (name, value) =>
      name in fresh ? blend(value, fresh[name as keyof typeof fresh]) : tf.clone(value),
    ),
    m: forget(m),
    v: forget(v),
    silence: tf.mul(silence, alive),
    least: tf.clone(least),
    inputSums: tf.clone(inputSums),
    stepSums: tf.clone(stepSums),
    fires: tf.clone(fires),
  };
}
