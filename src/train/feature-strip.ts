/**
 * A few features while they learn: where they fire most in a small text that is always the same. The text's activations are
 * harvested once and kept on the device; to look again costs one encoding of them, and reads some hundred numbers. It is done
 * so rarely that it takes `SHARE` of the time at most.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import type { FeatureExample, FeatureSample } from "../core/sae.ts";
import { keyedRandom, permutation } from "../math/keyed-random.ts";
import type { Trainer } from "./trainer.ts";

/** Features, examples of each, tokens on each side of a peak. */
export const SAMPLED = 6;
const EXAMPLES = 3;
const REACH = 8;
/** Strongest tokens looked at, of which several may be in one context. */
const STRONGEST = 24;
/** Of the time, and at least this far apart. */
const SHARE = 0.02;
const LEAST_SECONDS = 2;
const LEAST_STEPS = 20;
/** Those that fire on more of the probe say little by their examples. */
const MOST_DENSE = 0.1;
const PICK_STREAM = 6;

/** Whether anyone looks: the page says so, for the run under way and those to come. */
export const watched = { on: true };

export interface Probe {
  /** Token ids, [contexts, T], BOS first. */
  ids: Int32Array;
  contextSize: number;
  /** Activations of all but the BOSes, as a trainer is given them. */
  rows: Tensor2D;
}

export class FeatureStrip {
  readonly #probe: Probe;
  readonly #order: Int32Array;
  readonly #strings: (ids: number[]) => string[];
  #picked: number[] = [];
  #next = { seconds: 0, step: 1 };

  /** @param strings of token ids; the strip owns the probe's rows */
  constructor(probe: Probe, dSae: number, seed: number, strings: (ids: number[]) => string[]) {
    this.#probe = probe;
    this.#order = permutation(dSae, keyedRandom(seed, PICK_STREAM));
    this.#strings = strings;
  }

  /** @param seconds of training so far @param last whether the run ends here: then they are looked at once more */
  due(seconds: number, step: number, last = false): boolean {
    return watched.on && (last || (seconds >= this.#next.seconds && step >= this.#next.step));
  }

  /** @param seconds of training, told again when it is done */
  async look(trainer: Trainer, seconds: () => number): Promise<FeatureSample[]> {
    const from = performance.now();
    const { rows } = this.#probe;
    if (this.#picked.length < SAMPLED) await this.#pick(trainer);
    const samples = this.#picked.length > 0 ? await this.#sample(trainer, rows) : [];
    // Those that have fallen silent make room for others, the next time.
    this.#picked = samples.filter(({ density }) => density > 0).map(({ feature }) => feature);
    const took = (performance.now() - from) / 1000;
    this.#next = {
      seconds: seconds() + Math.max(LEAST_SECONDS, took / SHARE),
      step: trainer.step + LEAST_STEPS,
    };
    return samples;
  }

  dispose(): void {
    this.#probe.rows.dispose();
  }

  /** Fills up with features that fire on some of the probe, in an order that the seed decides. */
  async #pick(trainer: Trainer): Promise<void> {
    const { rows } = this.#probe;
    const fires = await trainer.firesOn(rows);
    const most = MOST_DENSE * rows.shape[0];
    for (const feature of this.#order) {
      if (this.#picked.length === SAMPLED) return;
      const count = fires[feature]!;
      if (count > 0 && count <= most && !this.#picked.includes(feature)) this.#picked.push(feature);
    }
  }

  async #sample(trainer: Trainer, rows: Tensor2D): Promise<FeatureSample[]> {
    const features = this.#picked;
    const f_SP = trainer.activationsOn(rows, features);
    const P = rows.shape[0];
    const k = Math.min(STRONGEST, P);
    try {
      const [values, places] = tf.tidy(() => {
        const top = tf.topk(f_SP, k);
        const active = tf.sum(tf.step(f_SP), 1, true);
        return [tf.concat([active, top.values], 1), top.indices];
      });
      const [told, at] = await Promise.all([values.data<"float32">(), places.data<"int32">()]);
      tf.dispose([values, places]);
      const peaks = features.map((_, s) =>
        this.#peaks(
          told.subarray(s * (k + 1) + 1, (s + 1) * (k + 1)),
          at.subarray(s * k, (s + 1) * k),
        ),
      );
      const around = await this.#around(f_SP, peaks);
      return features.map((feature, s) => ({
        feature,
        density: told[s * (k + 1)]! / P,
        max: told[s * (k + 1) + 1]!,
        examples: around[s]!,
      }));
    } finally {
      f_SP.dispose();
    }
  }

  /** Rows of the strongest tokens, one of each context. */
  #peaks(values: Float32Array, rows: Int32Array): number[] {
    const body = this.#probe.contextSize - 1;
    const found: number[] = [];
    rows.forEach((row, i) => {
      const seen = found.some((other) => Math.floor(other / body) === Math.floor(row / body));
      if (values[i]! > 0 && !seen && found.length < EXAMPLES) found.push(row);
    });
    return found;
  }

  /** Tokens about each peak with their activations, read all at once. */
  async #around(f_SP: Tensor2D, peaks: readonly number[][]): Promise<FeatureExample[][]> {
    const { ids, contextSize: T } = this.#probe;
    const [, P] = f_SP.shape;
    const windows = peaks.map((rows) =>
      rows.map((row) => {
        const context = Math.floor(row / (T - 1));
        const at = row % (T - 1);
        const start = Math.max(0, at - REACH);
        const length = Math.min(T - 1, at + REACH + 1) - start;
        return { context, first: context * (T - 1) + start, start, length, peak: at - start };
      }),
    );
    const places = windows.flatMap((list, s) =>
      list.flatMap(({ first, length }) => Array.from({ length }, (_, i) => s * P + first + i)),
    );
    if (places.length === 0) return windows.map(() => []);
    const gathered = tf.tidy(() => tf.gather(tf.reshape(f_SP, [-1]), tf.tensor1d(places, "int32")));
    const values = await gathered.data<"float32">();
    gathered.dispose();
    let read = 0;
    return windows.map((list) =>
      list.map(({ context, start, length, peak }) => {
        const from = context * T + 1 + start; // row b belongs to token b + 1
        const tokens = this.#strings([...ids.subarray(from, from + length)]);
        const activations = values.slice(read, (read += length));
        return { tokens, activations, peak };
      }),
    );
  }
}
