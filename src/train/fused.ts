/**
 * The parts of a training step that are not products. Each is defined here by plain operations; where the backend has a
 * kernel of ours that does all of it in one pass (`kernels/`), that one runs. On a GPU most of a step's time would go
 * into launching the plain ones.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Scalar, Tensor, Tensor1D, Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";
import { type AdamRates, isRegistered, KERNELS, type OwnKernel } from "./kernels/names.ts";
import { tidy } from "./ops.ts";

/** By the backend's own kernel, or else plainly. */
export function fused<T extends Tensor | Tensor[]>(
  name: OwnKernel,
  inputs: Record<string, Tensor>,
  attributes: Record<string, number | number[]>,
  plainly: () => T,
): T {
  return isRegistered(name, tf.getBackend())
    ? tf.engine().runKernel<T>(name, inputs, attributes)
    : tf.tidy(plainly);
}

/**
 * x where it is above 0 and among its row's k largest, else 0; [R, C]. What equals the k-th largest is kept as well:
 * with real activations there is no such thing.
 */
export function keepLargest(x_RC: Tensor2D, k: number): Tensor2D {
  const [rows, columns] = x_RC.shape;
  if (k >= columns) return tf.relu(x_RC);
  return fused(KERNELS.keepLargest, { x: x_RC }, { k }, () => {
    const kth = tf.slice2d(tf.topk(x_RC, k).values, [0, k - 1], [rows, 1]);
    return tf.mul<Tensor2D>(tf.relu(x_RC), tf.sub(1, tf.step(tf.sub(kth, x_RC))));
  });
}

/**
 * x where it is above 0 and among the `count` largest of the whole matrix, else 0; and the least of what is kept, which is
 * 0 where fewer than `count` are above 0. Equals are treated as in `keepLargest`.
 */
export function keepLargestOfAll(x_RC: Tensor2D, count: number): { kept: Tensor2D; least: Scalar } {
  const inputs = { x: x_RC, start: tf.tensor1d([0, count]) };
  const [kept, least] = fused(KERNELS.keepLargestOfAll, inputs, { count }, (): Tensor[] => {
    const values = tf.relu(tf.reshape(x_RC, [-1]));
    const kth = tf.slice(tf.topk(values, Math.min(count, values.size)).values, [count - 1], [1]);
    return [tf.mul(tf.relu(x_RC), tf.sub(1, tf.step(tf.sub(kth, x_RC)))), kth];
  });
  inputs.start.dispose();
  return { kept: kept as Tensor2D, least: tf.reshape(least!, []) };
}

/** x where it is above its column's threshold (which is above 0), else 0; [R, C]. */
export const jump = (x_RC: Tensor2D, threshold_C: Tensor1D): Tensor2D =>
  fused(KERNELS.jump, { x: x_RC, threshold: threshold_C }, {}, () =>
    tf.mul<Tensor2D>(x_RC, tf.step(tf.sub(x_RC, threshold_C))),
  );

/**
 * d where f is above 0, else 0: the gradient through ReLU or TopK; and over the rows the sums of that, of f, and how often f is
 * above 0: [3, F].
 */
export function gate(d_BF: Tensor2D, f_BF: Tensor2D): { gated: Tensor2D; sums: Tensor2D } {
  const [gated, sums] = fused(KERNELS.gate, { d: d_BF, f: f_BF }, {}, (): Tensor[] => {
    const fires = tf.step<Tensor2D>(f_BF);
    const slopes = tf.mul<Tensor2D>(d_BF, fires);
    return [slopes, tf.stack([slopes, f_BF, fires].map(columnSums))];
  });
  return { gated: gated as Tensor2D, sums: sums as Tensor2D };
}

/**
 * The same for f = `jump` of x, with two more rows: how often |x − centre| < width/2, and the sum of d there; [5, F].
 */
export const jumpGate = (
  d_BF: Tensor2D,
  f_BF: Tensor2D,
  x_BF: Tensor2D,
  centre_F: Tensor1D,
  width: number,
): { gated: Tensor2D; sums: Tensor2D } =>
  tidy(() => {
    const low = tf.sub<Tensor1D>(centre_F, width / 2);
    const high = tf.add<Tensor1D>(centre_F, width / 2);
    const inputs = { d: d_BF, f: f_BF, x: x_BF, low, high };
    const [gated, sums] = fused(KERNELS.jumpGate, inputs, {}, (): Tensor[] => {
      const inside = tf.mul<Tensor2D>(tf.step(tf.sub(x_BF, low)), tf.step(tf.sub(high, x_BF)));
      const window = tf.stack([columnSums(inside), columnDots(inside, d_BF)]) as Tensor2D;
      const whole = gate(d_BF, f_BF);
      return [whole.gated, tf.concat2d([whole.sums, window], 0)];
    });
    return { gated: gated as Tensor2D, sums: sums as Tensor2D };
  });

/** max(π, 0), and max(π · gain + shift, 0) where π is above 0, else 0. */
export function openGate(
  pi_BF: Tensor2D,
  gain_F: Tensor1D,
  shift_F: Tensor1D,
): { open_BF: Tensor2D; f_BF: Tensor2D } {
  const inputs = { pi: pi_BF, gain: gain_F, shift: shift_F };
  const [open, f] = fused(KERNELS.openGate, inputs, {}, () => {
    const magnitude = tf.relu<Tensor2D>(tf.add<Tensor2D>(tf.mul(pi_BF, gain_F), shift_F));
    return [tf.relu(pi_BF), tf.mul<Tensor2D>(magnitude, tf.step(pi_BF))];
  });
  return { open_BF: open, f_BF: f };
}

interface GateSlopes {
  /** What the gradient would be if all features were active, of their size and of their gate. */
  dMag_BF: Tensor2D;
  dGate_BF: Tensor2D;
  f_BF: Tensor2D;
  open_BF: Tensor2D;
  gain_F: Tensor1D;
}
/**
 * With m = dMag where f > 0 and p = dGate where open > 0, else 0: m · gain + p, and over the rows the sums of m, of m · f, how
 * often f is above 0, the sums of p and of open: [5, F].
 */
export function throughGate(slopes: GateSlopes): { dPre_BF: Tensor2D; sums: Tensor2D } {
  const { dMag_BF, dGate_BF, f_BF, open_BF, gain_F } = slopes;
  const inputs = { dMag: dMag_BF, dGate: dGate_BF, f: f_BF, open: open_BF, gain: gain_F };
  const [dPre, sums] = fused(KERNELS.throughGate, inputs, {}, (): Tensor[] => {
    const fires = tf.step<Tensor2D>(f_BF);
    const m = tf.mul<Tensor2D>(dMag_BF, fires);
    const p = tf.mul<Tensor2D>(dGate_BF, tf.step(open_BF));
    const rows = [columnSums(m), columnDots(m, f_BF), ...[fires, p, open_BF].map(columnSums)];
    return [tf.add(tf.mul(m, gain_F), p), tf.stack(rows)];
  });
  return { dPre_BF: dPre as Tensor2D, sums: sums as Tensor2D };
}

/** A row of sums. */
export const rowOf = (sums: Tensor2D, row: number): Tensor1D => {
  const [, columns] = sums.shape;
  return tf.reshape<tf.Rank.R1>(tf.slice2d(sums, [row, 0], [1, columns]), [columns]);
};

/** Σ over rows, [R, C] → [C]. As a product with ones: `sum` over the first axis transposes the whole matrix. */
export const columnSums = (a_RC: Tensor2D): Tensor1D =>
  fused(KERNELS.columnSums, { a: a_RC }, {}, () =>
    tf.reshape<tf.Rank.R1>(tf.matMul(tf.ones([1, a_RC.shape[0]]), a_RC), [a_RC.shape[1]]),
  );

/** Σ over rows of a ∘ b, [C]. */
export const columnDots = (a_RC: Tensor2D, b_RC: Tensor2D): Tensor1D =>
  fused(KERNELS.columnDots, { a: a_RC, b: b_RC }, {}, () => columnSums(tf.mul(a_RC, b_RC)));

/** Σ over rows of g ∘ w and of g², [2, C]. */
export const dotsAndSquares = (g_RC: Tensor2D, w_RC: Tensor2D): Tensor2D =>
  fused(
    KERNELS.dotsAndSquares,
    { g: g_RC, w: w_RC },
    {},
    () => tf.stack([columnDots(g_RC, w_RC), columnDots(g_RC, g_RC)]) as Tensor2D,
  );

/** How many entries of each column are above 0, [F]. */
export const countFires = (f_BF: Tensor2D): Tensor1D =>
  fused(KERNELS.countFires, { f: f_BF }, {}, () => columnSums(tf.step(f_BF)));

/** Of n matrices x: factor · Σ_{i ≥ j} x_i for each j. */
export const sumsOnward = (x_nRC: Tensor3D, factor: number): Tensor3D =>
  fused(KERNELS.sumsOnward, { x: x_nRC }, { factor }, () => {
    const [n, R, C] = x_nRC.shape;
    const triangle = Array.from({ length: n }, (_, j) =>
      Array.from({ length: n }, (_, i) => (i < j ? 0 : factor)),
    );
    const sums = tf.matMul(tf.tensor2d(triangle), tf.reshape(x_nRC, [n, R * C]));
    return tf.reshape<tf.Rank.R3>(sums, [n, R, C]);
  });

/** Over the tokens, per entry of the activation, [3, D]: Σ error², Σ (x − c), Σ (x − c)². */
export const tokenSums = (error_BD: Tensor2D, x_BD: Tensor2D, centre_D: Tensor1D): Tensor2D =>
  fused(KERNELS.tokenSums, { error: error_BD, x: x_BD, centre: centre_D }, {}, () => {
    const off_BD = tf.sub<Tensor2D>(x_BD, centre_D);
    const sums = [columnDots(error_BD, error_BD), columnSums(off_BD), columnDots(off_BD, off_BD)];
    return tf.stack(sums) as Tensor2D;
  });

/** Tokens since each latent was last active, after `tokens` more; it was active on some of them if `fires` > 0. */
export const silenceAfter = (silence: Tensor1D, fires: Tensor1D, tokens: number): Tensor1D =>
  fused(KERNELS.silence, { silence, fires }, { tokens }, () =>
    tf.mul<Tensor1D>(tf.add(silence, tokens), tf.sub(1, tf.step(fires))),
  );

/**
 * The norm n of all gradients together, and what shortens them to `longest` at most, min(longest / (n + 10⁻⁶), 1): [2].
 * @param across of the last of them its dots with columns of norm 1 and its squares, [2, F]: it counts without the part along those
 */
export const clip = (
  gradients: readonly Tensor[],
  longest: number,
  across: Tensor2D | null,
): Tensor1D => {
  const inputs = {
    ...Object.fromEntries(gradients.map((g, i) => [`g${i}`, g])),
    ...(across && { across }),
  };
  return fused(KERNELS.clip, inputs, { longest }, () => {
    const whole = gradients.map((g) => tf.sum<Scalar>(tf.square(g)));
    if (across) {
      const along = rowOf(across, 0);
      whole[whole.length - 1] = tf.sum(tf.sub(rowOf(across, 1), tf.square(along)));
    }
    const norm = tf.sqrt<Scalar>(tf.addN(whole));
    const factor = tf.minimum<Scalar>(tf.div(longest, tf.add(norm, 1e-6)), 1);
    return tf.stack([norm, factor]) as Tensor1D;
  });
};

export interface AdamState<T extends Tensor> {
  w: T;
  m: T;
  v: T;
}

/** m ← m + s₁(g − m),  v ← v + s₂(g² − v),  w ← w − rate · m / (√v + ε). @param clip `clip`'s: g is shortened by it first */
export function adamUpdate<T extends Tensor>(
  { w, m, v }: AdamState<T>,
  g: T,
  clip: Tensor1D,
  rates: AdamRates,
): AdamState<T> {
  const next = fused(KERNELS.adam, { w, g, m, v, clip }, { ...rates }, () =>
    adamOf([w, m, v], tf.mul(g, factorOf(clip)), rates),
  );
  return { w: next[0] as T, m: next[1] as T, v: next[2] as T };
}

/**
 * The same for a matrix whose columns w keep norm 1: of g goes first what is along w, (g·w) w, and at last w is brought to
 * norm 1 again. @param across `dotsAndSquares` of g and w
 */
export function adamUpdateAcross(
  { w, m, v }: AdamState<Tensor2D>,
  g: Tensor2D,
  across: Tensor2D,
  clip: Tensor1D,
  rates: AdamRates,
): AdamState<Tensor2D> {
  const inputs = { w, g, m, v, clip, across };
  const next = fused(KERNELS.adamAcross, inputs, { ...rates }, () => {
    const turning = tf.mul(tf.sub(g, tf.mul(w, rowOf(across, 0))), factorOf(clip));
    const [wNext, ...moments] = adamOf([w, m, v], turning, rates);
    return [unitColumns(wNext as Tensor2D), ...moments];
  });
  return { w: next[0] as Tensor2D, m: next[1] as Tensor2D, v: next[2] as Tensor2D };
}

export const unitColumns = (w_RC: Tensor2D): Tensor2D =>
  tf.div(w_RC, tf.sqrt(columnDots(w_RC, w_RC)));

const factorOf = (clip: Tensor1D): Scalar => tf.reshape(tf.slice1d(clip, 1, 1), []);

function adamOf([w, m, v]: readonly [Tensor, Tensor, Tensor], g: Tensor, rates: AdamRates) {
  const mNext = tf.add<Tensor>(m, tf.mul(tf.sub(g, m), rates.share1));
  const vNext = tf.add<Tensor>(v, tf.mul(tf.sub(tf.square(g), v), rates.share2));
  const change = tf.div(mNext, tf.add(tf.sqrt(vNext), rates.epsilon));
  return [tf.sub<Tensor>(w, tf.mul(change, rates.rate)), mNext, vNext];
}
