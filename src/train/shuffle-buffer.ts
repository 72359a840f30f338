/**
 * Neighbouring tokens are alike, so batches are drawn from a buffer of many contexts: it is filled and shuffled, the
 * first half is served, the other half stays and is shuffled together with fresh activations (SAELens's mixing buffer).
 * Rows live where they come from: as tensors on the GPU, or as a plain array on the WASM backend, whose `gather` is
 * slower than copying.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import { keyedRandom, permutation } from "../math/keyed-random.ts";

/** [n, D] on the device or as an array. */
export type Rows = Tensor2D | Float32Array;

/** n */
export const rowCount = (rows: Rows, dIn: number): number =>
  rows instanceof Float32Array ? rows.length / dIn : rows.shape[0];

/** Waits until rows are there on the device too, and lets go of them. */
export async function computed(rows: Rows): Promise<void> {
  if (rows instanceof Float32Array) return;
  const one = tf.slice2d(rows, [0, 0], [1, 1]);
  await one.data();
  tf.dispose([one, rows]);
}

export interface BufferOptions {
  dIn: number;
  batchSize: number;
  /** Rows to hold when full; at least two batches. */
  capacity: number;
  seed: number;
  /** Fresh activations, some contexts at a time, always of the same kind. The buffer owns what it gets. */
  harvest: () => Promise<Rows>;
}

const SHUFFLE_STREAM = 3;

export class ShuffleBuffer {
  readonly #options: BufferOptions;
  #rows: Rows | null = null;
  #fills = 0;
  #served = 0;
  #toServe = 0;

  constructor(options: BufferOptions) {
    this.#options = options;
  }

  /** Rows harvested but not served yet. */
  get unserved(): number {
    return this.#rows ? this.#count(this.#rows) - this.#served : 0;
  }

  /** Makes sure that there is a batch to serve: harvests when there is none. */
  async prepare(): Promise<void> {
    if (!this.#rows || this.#served >= this.#toServe) await this.#fill();
  }

  /** The next [batchSize, D]; the caller disposes it. */
  async next(): Promise<Tensor2D> {
    const { dIn, batchSize } = this.#options;
    await this.prepare();
    const from = this.#served;
    this.#served += batchSize;
    const rows = this.#rows!;
    return rows instanceof Float32Array
      ? tf.tensor2d(rows.slice(from * dIn, (from + batchSize) * dIn), [batchSize, dIn])
      : tf.slice2d(rows, [from, 0], [batchSize, dIn]);
  }

  /** Some rows from the front, at most `count`, without serving them; the caller disposes them. */
  async peek(count: number): Promise<Tensor2D> {
    const { dIn } = this.#options;
    await this.prepare();
    const rows = this.#rows!;
    const n = Math.min(count, this.#count(rows));
    return rows instanceof Float32Array
      ? tf.tensor2d(rows.slice(0, n * dIn), [n, dIn])
      : tf.slice2d(rows, [0, 0], [n, dIn]);
  }

  dispose(): void {
    if (this.#rows) release(this.#rows);
    this.#rows = null;
  }

  async #fill(): Promise<void> {
    const { batchSize, capacity, seed, harvest, dIn } = this.#options;
    const parts: Rows[] = [];
    let count = this.unserved;
    try {
      while (count < Math.max(capacity, 2 * batchSize)) {
        const fresh = await harvest();
        parts.push(fresh);
        count += this.#count(fresh);
      }
      if (this.#rows && this.unserved > 0) parts.unshift(rest(this.#rows, this.#served, dIn));
      const order = permutation(count, keyedRandom(seed, SHUFFLE_STREAM, this.#fills));
      const mixed = mix(parts, order, dIn);
      this.dispose();
      this.#rows = mixed;
    } finally {
      parts.forEach(release);
    }
    this.#fills += 1;
    this.#served = 0;
    this.#toServe = Math.max(1, Math.floor(count / 2 / batchSize)) * batchSize;
  }

  #count(rows: Rows): number {
    return rowCount(rows, this.#options.dIn);
  }
}

const release = (rows: Rows): void => {
  if (!(rows instanceof Float32Array)) rows.dispose();
};

const rest = (rows: Rows, from: number, dIn: number): Rows =>
  rows instanceof Float32Array
    ? rows.subarray(from * dIn)
    : tf.slice2d(rows, [from, 0], [rows.shape[0] - from, dIn]);

/** The rows of all sources, in the given order. */
function mix(sources: readonly Rows[], order: Int32Array, dIn: number): Rows {
  if (sources.every((source) => source instanceof Float32Array)) {
    const rows = sources.flatMap((source) =>
      Array.from({ length: source.length / dIn }, (_, i) =>
        source.subarray(i * dIn, (i + 1) * dIn),
      ),
    );
    const mixed = new Float32Array(order.length * dIn);
    order.forEach((row, i) => mixed.set(rows[row]!, i * dIn));
    return mixed;
  }
  return tf.tidy(() =>
    tf.gather(
      tf.concat2d(sources as readonly Tensor2D[] as Tensor2D[], 0),
      tf.tensor1d(order, "int32"),
    ),
  );
}
