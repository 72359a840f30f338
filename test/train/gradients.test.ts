/** The hand-written backward pass against autodiff, against finite differences, and against the canonical definition. */
import "@tensorflow/tfjs"; // registers gradients, for the comparison only
import * as tf from "@tensorflow/tfjs-core";
import type { Scalar, Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decode, encode } from "../../src/math/sae.ts";
import { backward, type Objective } from "../../src/train/gradients.ts";
import { PARAMETER_NAMES, type Parameters, toTensors } from "../../src/train/parameters.ts";
import { normals, useWasm } from "./wasm.ts";

const B = 6;
const D = 5;
const F = 9;
const K = 3;
const L1 = 0.7;

const arrays = {
  W_enc: normals(D * F, 1),
  W_decT: normals(D * F, 2),
  b_enc: normals(F, 3).map((v) => v * 0.3),
  b_dec: normals(D, 4),
};
const x = normals(B * D, 5);
const dead = Float32Array.from([0, 1, 0, 0, 1, 1, 0, 1, 0]);

/** L as one would write it down, by ops that autodiff knows; the residual of the auxiliary loss is held constant. */
function loss(p: Parameters, x_BD: Tensor2D, kind: "standard" | "topk" | "auxiliary"): Scalar {
  const pre = tf.add<Tensor2D>(tf.matMul(x_BD, p.W_enc), p.b_enc);
  // Which are the largest is no differentiable question, and TopK has no gradient: a constant.
  const kth = (t: Tensor2D, k: number) => {
    const data = t.dataSync<"float32">();
    const rows = Array.from({ length: B }, (_, b) => data.subarray(b * F, (b + 1) * F).toSorted());
    return tf.tensor2d(
      rows.map((row) => row[F - k]!),
      [B, 1],
    );
  };
  const top = (t: Tensor2D, k: number) =>
    tf.mul<Tensor2D>(tf.relu(t), tf.cast(tf.greaterEqual(t, kth(t, k)), "float32"));
  const f = kind === "standard" ? tf.relu(pre) : top(pre, K);
  const W_dec = tf.transpose(p.W_decT);
  const xHat = tf.add(tf.matMul(f, W_dec), p.b_dec);
  const rebuild = tf.div<Scalar>(tf.sum(tf.squaredDifference(xHat, x_BD)), B);
  if (kind === "standard") return tf.add(rebuild, tf.mul(tf.sum(f), L1 / B));
  if (kind === "topk") return rebuild;
  const residual = tf.tensor2d(tf.sub(x_BD, xHat).dataSync<"float32">(), [B, D]);
  const isDead = tf.tensor1d(dead);
  const z = top(tf.sub(pre, tf.mul(tf.sub(1, isDead), 1e6)), Math.floor(D / 2));
  const weight = Math.min(1, dead.reduce((a, b) => a + b, 0) / Math.floor(D / 2));
  const miss = tf.squaredDifference(tf.matMul(z, W_dec), residual);
  return tf.add(rebuild, tf.mul(tf.sum(miss), weight / B));
}

const objectiveOf = (kind: "standard" | "topk" | "auxiliary", deadTensor: Tensor1D): Objective =>
  kind === "standard"
    ? { variant: "standard", l1: L1 }
    : { variant: "topk", k: K, dead: kind === "auxiliary" ? deadTensor : null };

const values = (t: Tensor) => Array.from(t.dataSync<"float32">());

beforeAll(useWasm);
afterAll(() => tf.disposeVariables());

describe.each(["standard", "topk", "auxiliary"] as const)("backward of %s", (kind) => {
  it("equals autodiff", async () => {
    await tf.setBackend("cpu"); // WASM has not every kernel that autodiff needs
    tf.tidy(() => {
      const p = toTensors(arrays, D, F);
      const x_BD = tf.tensor2d(x, [B, D]);
      const byHand = backward(p, x_BD, objectiveOf(kind, tf.tensor1d(dead))).gradients;
      const auto = tf.grads((W_enc, W_decT, b_enc, b_dec) =>
        loss({ W_enc, W_decT, b_enc, b_dec } as Parameters, x_BD, kind),
      )(PARAMETER_NAMES.map((name) => p[name]));
      PARAMETER_NAMES.forEach((name, i) => {
        const [mine, theirs] = [values(byHand[name]), values(auto[i]!)];
        expect(theirs.some((v) => v !== 0)).toBe(true);
        mine.forEach((v, j) => expect(v, `${name}[${j}]`).toBeCloseTo(theirs[j]!, 4));
      });
    });
    await useWasm();
  });

  it("equals finite differences of the loss", () => {
    // The residual is constant in the auxiliary term, which a difference would not hold: the other two only.
    if (kind === "auxiliary") return;
    const byHand = tf.tidy(() => {
      const { gradients } = backward(
        toTensors(arrays, D, F),
        tf.tensor2d(x, [B, D]),
        objectiveOf(kind, tf.tensor1d(dead)),
      );
      return Object.fromEntries(PARAMETER_NAMES.map((n) => [n, values(gradients[n])]));
    });
    const h = 1e-5;
    for (const name of PARAMETER_NAMES) {
      for (let i = 0; i < arrays[name].length; i += 2) {
        const moved = (by: number) => {
          const copy = Float64Array.from(arrays[name]);
          copy[i]! += by;
          return lossInFloat64({ ...arrays, [name]: copy }, kind === "topk" ? K : null);
        };
        const slope = (moved(h) - moved(-h)) / (2 * h);
        const off = Math.abs(byHand[name]![i]! - slope) / (1 + Math.abs(slope));
        expect(off, `${name}[${i}]: ${byHand[name]![i]!} and ${slope}`).toBeLessThan(1e-5);
      }
    }
  });

  it("activates the latents that the canonical encoder activates", () => {
    if (kind === "auxiliary") return;
    tf.tidy(() => {
      const { error, active, activity } = backward(
        toTensors(arrays, D, F),
        tf.tensor2d(x, [B, D]),
        objectiveOf(kind, tf.tensor1d(dead)),
      );
      const [f, xHat] = canonical(arrays, kind === "topk" ? K : null);
      values(activity).forEach((sum, j) => {
        const latent = f.filter((_, i) => i % F === j);
        expect(sum).toBeCloseTo(
          latent.reduce((a, b) => a + b, 0),
          4,
        );
      });
      expect(values(active)).toEqual([f.filter((v) => v > 0).length]);
      values(error).forEach((e, i) => expect(e).toBeCloseTo(xHat[i]! - x[i]!, 4));
    });
  });
});

function canonical(p: typeof arrays, k: number | null): [Float32Array, Float32Array] {
  const W_dec = new Float32Array(F * D);
  for (let d = 0; d < D; d++) for (let f = 0; f < F; f++) W_dec[f * D + d] = p.W_decT[d * F + f]!;
  const weights = { W_enc: p.W_enc, W_dec, b_enc: p.b_enc, b_dec: p.b_dec };
  const config = {
    variant: k ? "topk" : "standard",
    dIn: D,
    dSae: F,
    k,
    applyBDecToInput: false,
  } as const;
  const f = encode(x, weights, config);
  return [f, decode(f, weights, config)];
}

/** The loss by plain loops in float64: the reference that shares nothing with TensorFlow.js. */
function lossInFloat64(
  p: Record<keyof typeof arrays, ArrayLike<number>>,
  k: number | null,
): number {
  let sum = 0;
  for (let b = 0; b < B; b++) {
    const pre = Array.from({ length: F }, (_, f) => {
      let value = p.b_enc[f]!;
      for (let d = 0; d < D; d++) value += x[b * D + d]! * p.W_enc[d * F + f]!;
      return value;
    });
    const least = k === null ? -Infinity : pre.toSorted((i, j) => j - i)[k - 1]!;
    const f = pre.map((v) => (v >= least ? Math.max(v, 0) : 0));
    for (let d = 0; d < D; d++) {
      const xHat = f.reduce((at, v, j) => at + v * p.W_decT[d * F + j]!, p.b_dec[d]!);
      sum += (xHat - x[b * D + d]!) ** 2;
    }
    if (k === null) sum += L1 * f.reduce((at, v) => at + v, 0);
  }
  return sum / B;
}
