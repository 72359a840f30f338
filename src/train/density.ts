/**
 * How often each latent fires, over the last tokens: a histogram of log10 density, made on the device out of the counts of
 * the last one to two windows, so that what is read is one number a bin, and not one a latent.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor1D } from "@tensorflow/tfjs-core";
import { DENSITY_EDGES, DENSITY_WINDOW, type DensityHistogram } from "../core/density.ts";

export class DensityWindow {
  /** Tokens on which each latent fired, in the window under way and in the one before, [F]. */
  #now: Tensor1D;
  #before: Tensor1D;
  #tokens = { now: 0, before: 0 };

  constructor(dSae: number) {
    this.#now = tf.zeros([dSae]);
    this.#before = tf.zeros([dSae]);
  }

  /** @param fires of `tokens` more tokens, [F]; the caller keeps it */
  add(fires: Tensor1D, tokens: number): void {
    if (this.#tokens.now >= DENSITY_WINDOW) {
      this.#before.dispose();
      this.#before = this.#now;
      this.#now = tf.clone(fires);
      this.#tokens = { now: tokens, before: this.#tokens.now };
      return;
    }
    const sum = tf.add<Tensor1D>(this.#now, fires);
    this.#now.dispose();
    this.#now = sum;
    this.#tokens.now += tokens;
  }

  /** A density is at least an edge where fires ≥ edge · tokens, and so, being whole, above ⌈edge · tokens⌉ − ½. */
  async histogram(): Promise<DensityHistogram> {
    const tokens = this.#tokens.now + this.#tokens.before;
    const least = [1, ...DENSITY_EDGES.map((edge) => Math.max(1, Math.ceil(edge * tokens - 1e-9)))];
    const above = tf.tidy(() => {
      const fires = tf.reshape(tf.add(this.#now, this.#before), [1, -1]);
      const bounds = tf.tensor2d(least, [least.length, 1]);
      return tf.sum(tf.step(tf.sub(fires, tf.sub(bounds, 0.5))), 1);
    });
    const [alive, ...atLeast] = await above.data<"float32">();
    above.dispose();
    const latents = this.#now.shape[0];
    return {
      tokens,
      never: latents - alive!,
      below: alive! - atLeast[0]!,
      counts: atLeast.slice(0, -1).map((count, i) => count - atLeast[i + 1]!),
      always: atLeast.at(-1)!,
    };
  }

  dispose(): void {
    this.#now.dispose();
    this.#before.dispose();
  }
}
