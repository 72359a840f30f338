/**
 * How long a training step takes, beside two things on the same backend and shapes: its own matrix products alone (the
 * least it could take), and the step as one would first write it, with the library's autodiff and its Adam.
 */
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-core/dist/register_all_gradients";
import { appUrl } from "../../../src/core/app-url.ts";
import { DEFAULT_PACE, defaultRecipe, type TrainVariant } from "../../../src/core/sae-recipe.ts";
import { openBackend } from "../../../src/train/backend.ts";
import { dense, timesTransposed, transposedTimes } from "../../../src/train/ops.ts";
import { checkSparseProducts } from "./sparse-products.ts";
import { Trainer } from "../../../src/train/trainer.ts";

export interface StepQuestion {
  backend: "wasm" | "webgpu";
  variant: TrainVariant;
  dIn: number;
  dSae: number;
  batch: number;
  k: number;
  repeats: number;
}
/** Medians, in milliseconds. */
export interface StepAnswer {
  step: number;
  products: number;
  /** The median over rounds, in each of which both are measured one after the other. */
  stepByProducts: number;
  /** L1 only: the rest the library's autodiff cannot differentiate in this form. */
  autodiff: number | null;
}

async function useBackend(backend: StepQuestion["backend"]): Promise<void> {
  const adapter = backend === "webgpu" ? await navigator.gpu.requestAdapter() : null;
  if (backend === "webgpu" && !adapter) throw new Error("no WebGPU adapter, not even in software");
  const device = adapter ? await adapter.requestDevice() : null;
  await openBackend(device, appUrl("tfjs/"), navigator.hardwareConcurrency);
}

/** Waits until all that was asked of the device is done: reading one number back is in order with the rest. */
const finish = async (of: tf.Tensor) => {
  const one = tf.tidy(() => tf.slice(tf.reshape(of, [-1]), [0], [1]));
  await one.data();
  one.dispose();
};

const STEPS = 5;

async function several(act: () => tf.Tensor): Promise<void> {
  let last: tf.Tensor | null = null;
  for (let i = 0; i < STEPS; i++) {
    last?.dispose();
    last = act();
  }
  await finish(last!);
  last!.dispose();
}

const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

/**
 * The products of a step (five; of a gated one seven, its gate rebuilds too), each in the form in which the backend does it fastest, with the transposes it needs for that.
 * Second operands are new ones each time, made beforehand: in training they change with every step, and the WASM backend
 * keeps a packed copy of those that it has seen before.
 */
function products(gated: boolean, x: tf.Tensor2D, f: tf.Tensor2D, W: tf.Tensor2D) {
  const fresh = () => [W, W, W, f, f, W].map((tensor) => tf.add<tf.Tensor2D>(tensor, 0));
  let ready = Array.from({ length: STEPS }, fresh);
  return {
    prepare: async () => {
      tf.dispose(ready);
      ready = Array.from({ length: STEPS }, fresh);
      await finish(ready[STEPS - 1]!.at(-1)!);
    },
    multiply: () =>
      tf.tidy(() => {
        const operands = ready.shift()!;
        const [enc, dec, forFeatures, active, forEncoder, forGate] = operands;
        const decode = timesTransposed(dec!);
        const all = [
          dense(x, enc!),
          decode(f),
          dense(x, forFeatures!), // x for the error, which has its shape
          transposedTimes(x, active!),
          transposedTimes(x, forEncoder!),
          ...(gated ? [decode(f), dense(x, forGate!)] : []),
        ];
        tf.dispose(operands);
        return all[4]!;
      }),
  };
}

/** As one would first write it: loss, autodiff, the library's Adam, then the decoder's rows brought back to norm 1. */
function naive(x: tf.Tensor2D, enc: tf.Tensor2D, dec: tf.Tensor2D, l1: number, lr: number) {
  const [W_enc, W_dec] = [tf.variable(enc), tf.variable(dec)];
  const b_enc = tf.variable(tf.zeros([enc.shape[1]]));
  const b_dec = tf.variable(tf.zeros([enc.shape[0]]));
  const adam = tf.train.adam(lr);
  return () => {
    const loss = adam.minimize(() => {
      const f = tf.relu(tf.add(tf.matMul(x, W_enc as tf.Tensor2D), b_enc));
      const back = tf.add(tf.matMul(f as tf.Tensor2D, W_dec as tf.Tensor2D), b_dec);
      const error = tf.mean(tf.sum(tf.squaredDifference(back, x), 1));
      return tf.add(error, tf.mul(l1, tf.mean(tf.sum(tf.abs(f), 1))));
    }, true);
    tf.tidy(() => W_dec.assign(tf.div(W_dec, tf.norm(W_dec, "euclidean", 1, true))));
    return loss!; // asked for, so it is there
  };
}

export async function measureStep(question: StepQuestion): Promise<StepAnswer> {
  const { backend, variant, dIn, dSae, batch, k, repeats } = question;
  await useBackend(backend);
  const x = tf.randomNormal<tf.Rank.R2>([batch, dIn], 0, 1, "float32", 1);
  const enc = tf.randomNormal<tf.Rank.R2>([dIn, dSae], 0, dIn ** -0.5, "float32", 2);
  const dec: tf.Tensor2D = tf.transpose(enc);
  const f: tf.Tensor2D = tf.relu(tf.matMul(x, enc));
  const recipe = {
    ...defaultRecipe(variant, dSae),
    ...("k" in defaultRecipe(variant, dSae) && { k }),
  };
  const pace = { ...DEFAULT_PACE, batchSize: batch };
  if ("k" in recipe) await checkSparseProducts({ dIn, dSae, batch: 64, k });
  const plan = { ...pace, recipe, dIn, dSae, steps: 1000, seed: 1 };
  const trainer = await Trainer.start(plan, x);
  const alone = products(variant === "gated", x, f, enc);
  const autodiff = variant === "standard" ? naive(x, enc, dec, 2, 1e-3) : null;

  // In turn, so that whatever else the machine does falls on all alike; a few steps to a report, as in a run.
  const kinds = {
    step: async () => {
      for (let i = 0; i < STEPS; i++) trainer.train(x);
      await trainer.report();
    },
    products: () => several(alone.multiply),
    autodiff: async () => (autodiff ? several(autodiff) : undefined),
  };
  const times = { step: [] as number[], products: [] as number[], autodiff: [] as number[] };
  for (let i = -1; i < repeats; i++) {
    for (const kind of ["step", "products", "autodiff"] as const) {
      if (kind === "products") await alone.prepare();
      const start = performance.now();
      await kinds[kind]();
      if (i >= 0) times[kind].push((performance.now() - start) / STEPS);
    }
  }
  const ratios = times.step.map((t, i) => t / times.products[i]!);
  return {
    stepByProducts: median(ratios),
    step: median(times.step),
    products: median(times.products),
    autodiff: autodiff ? median(times.autodiff) : null,
  };
}
