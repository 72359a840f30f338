/**
 * The same losses by operations that autodiff knows. Which are the largest is no differentiable question, and a jump has
 * no derivative: such places are held constant, or for a threshold given the slope that its variant says.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Scalar, Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import type { Parameters } from "../../src/train/parameters.ts";
import { B, D, E, F, type Situation } from "./loss-by-hand.ts";

export function lossByOps(p: Parameters, situation: Situation): Scalar {
  const { recipe, pressure, dead } = situation;
  const x = tf.tensor2d(Float32Array.from(situation.x), [B, D]);
  const y = situation.y ? tf.tensor2d(Float32Array.from(situation.y), [B, E]) : x;
  const width = y.shape[1];
  const pre = tf.add<Tensor2D>(tf.matMul(x, p.W_enc), p.b_enc);
  const W_dec = tf.transpose(p.W_decT);
  const squares = (f: Tensor2D, W: Tensor = W_dec, b: Tensor = p.b_dec) =>
    tf.div<Scalar>(tf.sum(tf.squaredDifference(tf.add(tf.matMul(f, W as Tensor2D), b), y)), B);
  const auxiliary = (f: Tensor2D): Scalar => {
    if (!dead) return tf.scalar(0);
    const half = Math.floor(width / 2);
    const leftOver = held(tf.sub(y, tf.add(tf.matMul(f, W_dec), p.b_dec)));
    const isDead = tf.tensor1d(Float32Array.from(dead));
    const z = largest(tf.sub(pre, tf.mul(tf.sub(1, isDead), 1e6)), half);
    const variance = tf.sum(tf.squaredDifference(leftOver, tf.mean(leftOver, 0)));
    const missed = tf.squaredDifference(tf.matMul(z, W_dec), leftOver);
    return tf.mul(tf.div(tf.sum(missed), variance), width / 32);
  };
  switch (recipe.variant) {
    case "standard": {
      const f = tf.relu(pre);
      const price =
        recipe.decoderNorm === "unit" ? tf.ones([F]) : tf.sqrt(tf.sum(tf.square(p.W_decT), 0));
      return tf.add(squares(f), tf.mul(tf.sum(tf.mul(f, price)), (pressure * recipe.l1) / B));
    }
    case "topk": {
      const f = largest(pre, recipe.k);
      return tf.add(squares(f), auxiliary(f));
    }
    case "batchtopk":
    case "matryoshka": {
      const flat = tf.reshape<tf.Rank.R2>(pre, [1, B * F]);
      const f = tf.reshape<tf.Rank.R2>(largest(flat, recipe.k * B), [B, F]);
      const widths = recipe.variant === "matryoshka" ? recipe.widths : [F];
      const each = widths.map((m) => {
        const first = tf.tensor1d(Array.from({ length: F }, (_, i) => (i < m ? 1 : 0)));
        return squares(tf.mul(f, first));
      });
      return tf.add(tf.div(tf.addN(each), widths.length), auxiliary(f));
    }
    case "jumprelu": {
      const theta = tf.exp<Tensor1D>(p.log_threshold!);
      const at = held(theta);
      const moved = tf.sub(theta, at); // 0, with the slope of θ
      const isAbove = held(tf.step(tf.sub(pre, at)));
      const near = held(
        tf.div(tf.step(tf.sub(recipe.bandwidth / 2, tf.abs(tf.sub(pre, at)))), recipe.bandwidth),
      );
      const f = tf.sub<Tensor2D>(tf.mul(pre, isAbove), tf.mul(tf.mul(near, at), moved));
      const l0 = tf.div(tf.sum(tf.sub(isAbove, tf.mul(near, moved))), B);
      const weight = pressure * recipe.l0Weight * width;
      const pull = tf.mul(tf.square(tf.sub(tf.div(l0, recipe.targetL0), 1)), weight);
      const short = dead
        ? tf.mul(
            tf.sum(tf.mul(tf.relu(tf.sub(theta, pre)), tf.tensor1d(Float32Array.from(dead)))),
            3e-6 / B,
          )
        : 0;
      return tf.add(tf.add(squares(f), pull), short);
    }
    case "gated": {
      const open = tf.relu(pre);
      const magnitude = tf.add(tf.mul(tf.matMul(x, p.W_enc), tf.exp(p.r_mag!)), p.b_mag!);
      const f = tf.mul<Tensor2D>(tf.relu(magnitude), held(tf.step(pre)));
      const penalty = tf.mul(tf.sum(open), (pressure * recipe.l1) / B);
      return tf.add(tf.add(squares(f), penalty), squares(open, held(W_dec), held(p.b_dec)));
    }
  }
}

/** The same numbers, of which autodiff knows no origin. */
const held = (t: Tensor): Tensor => tf.tensor(t.dataSync<"float32">(), t.shape);

/** Of each row. */
function largest(t: Tensor, k: number): Tensor2D {
  const [rows, columns] = t.shape as [number, number];
  const data = t.dataSync<"float32">();
  const least = Array.from(
    { length: rows },
    (_, r) => data.slice(r * columns, (r + 1) * columns).toSorted()[columns - k]!,
  );
  const kept = tf.greaterEqual(t, tf.tensor2d(least, [rows, 1]));
  return tf.mul(tf.relu(t), tf.cast(kept, "float32"));
}
