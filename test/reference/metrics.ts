/** Scalars of a run, with their gradients by hand. Logits are [B, T, V]; `row` is the batch row, `pos` an absolute position. */
import type { Metric } from "./forward.ts";

type Place = { row?: number; pos: number };
type Read = Parameters<Metric>[0];

/** The logits of one place, and a full-size gradient to be filled in at that place. */
function placeOf(read: Read, { row = 0, pos }: Place) {
  const { value, dims } = read("logits");
  const [, T, V] = dims as [number, number, number];
  const from = (row * T + pos) * V;
  const seed = new Float64Array(value.length);
  return { logits: value.subarray(from, from + V), seed, from };
}

/** log softmax, the largest value taken out first. */
export function logSoftmax(x: Float64Array): Float64Array {
  const largest = x.reduce((a, b) => Math.max(a, b), -Infinity);
  const total = x.reduce((sum, v) => sum + Math.exp(v - largest), 0);
  return x.map((v) => v - largest - Math.log(total));
}

const ofLogits = (value: number, seed: Float64Array) => ({
  value,
  seeds: new Map([["logits", seed]]),
});

/** logit[right] − logit[wrong] */
export const logitDifference =
  (right: number, wrong: number, place: Place): Metric =>
  (read) => {
    const { logits, seed, from } = placeOf(read, place);
    seed[from + right] = seed[from + right]! + 1;
    seed[from + wrong] = seed[from + wrong]! - 1;
    return ofLogits(logits[right]! - logits[wrong]!, seed);
  };

/** log p(token); its gradient is 1[token] − p. */
export const logProbability =
  (token: number, place: Place): Metric =>
  (read) => {
    const { logits, seed, from } = placeOf(read, place);
    const log = logSoftmax(logits);
    log.forEach((v, i) => (seed[from + i] = (i === token ? 1 : 0) - Math.exp(v)));
    return ofLogits(log[token]!, seed);
  };

/** Mean over the row's positions but the last of −log p(next token). */
export const nextTokenLoss =
  (ids: readonly number[], row = 0): Metric =>
  (read) => {
    const { value, dims } = read("logits");
    const seed = new Float64Array(value.length);
    let loss = 0;
    ids.slice(1).forEach((next, pos) => {
      const { logits, from } = placeOf(read, { row, pos });
      const log = logSoftmax(logits);
      loss -= log[next]! / (ids.length - 1);
      for (let i = 0; i < dims[2]!; i++) {
        seed[from + i] = (Math.exp(log[i]!) - (i === next ? 1 : 0)) / (ids.length - 1);
      }
    });
    return ofLogits(loss, seed);
  };

/** KL(p ‖ run) = Σ p·(log p − log run) in nats, to a fixed distribution p given by its logits; its gradient is run − p. */
export const divergenceFrom =
  (reference: Float64Array, place: Place): Metric =>
  (read) => {
    const { logits, seed, from } = placeOf(read, place);
    const [p, q] = [logSoftmax(reference), logSoftmax(logits)];
    let kl = 0;
    q.forEach((v, i) => {
      kl += Math.exp(p[i]!) * (p[i]! - v);
      seed[from + i] = Math.exp(v) - Math.exp(p[i]!);
    });
    return ofLogits(kl, seed);
  };

/** An SAE feature before its non-linearity, x·w + b, at one token of a hook [B, T, D]. */
export const featurePreActivation =
  (hook: string, w: ArrayLike<number>, b: number, { row = 0, pos }: Place): Metric =>
  (read) => {
    const { value, dims } = read(hook);
    const from = (row * dims[1]! + pos) * w.length;
    const seed = new Float64Array(value.length);
    let sum = b;
    for (let i = 0; i < w.length; i++) {
      sum += value[from + i]! * w[i]!;
      seed[from + i] = w[i]!;
    }
    return { value: sum, seeds: new Map([[hook, seed]]) };
  };

/** Σ over every hook and cell of the value times a fixed coefficient: a metric that reads all of a hook. */
export const weightedSum =
  (hook: string, coefficients: Float64Array): Metric =>
  (read) => {
    const { value } = read(hook);
    const sum = value.reduce((total, v, i) => total + v * coefficients[i]!, 0);
    return { value: sum, seeds: new Map([[hook, coefficients]]) };
  };
