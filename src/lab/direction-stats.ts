/**
 * What is kept of a direction while text streams by: moments, a histogram, and the contexts where it is largest and smallest.
 * The first token of a context and every BOS after it are not measured: GPT-2's activations there are many times larger than
 * any other and say nothing of the text.
 */
import type { DirectionExample, Found } from "../core/direction.ts";
import { Moments } from "../math/moments.ts";
import { SignedHistogram } from "../math/signed-histogram.ts";

const BINS = 160;

interface Kept {
  /** Without the first token. */
  ids: Int32Array;
  /** NaN at a BOS */
  values: Float32Array;
  peak: number;
}

export class DirectionStats {
  readonly #bosId: number;
  readonly #moments = new Moments();
  readonly #histogram = new SignedHistogram(BINS);
  readonly #highest: Extremes;
  readonly #lowest: Extremes;
  #contexts = 0;

  /** @param keep examples of each end */
  constructor(bosId: number, keep: number) {
    this.#bosId = bosId;
    this.#highest = new Extremes(keep, 1);
    this.#lowest = new Extremes(keep, -1);
  }

  get tokens(): number {
    return this.#moments.count;
  }

  /** @param ids [T], BOS first; `values` [T] */
  add(ids: Int32Array, values: Float32Array): void {
    let [high, low] = [-1, -1];
    const measured = values.slice(1);
    for (let t = 0; t < measured.length; t++) {
      const value = measured[t]!;
      if (ids[t + 1] === this.#bosId) {
        measured[t] = NaN;
        continue;
      }
      this.#moments.add(value);
      this.#histogram.add(value);
      if (high < 0 || value > measured[high]!) high = t;
      if (low < 0 || value < measured[low]!) low = t;
    }
    if (high < 0) return;
    this.#contexts += 1;
    const own = ids.subarray(1);
    this.#highest.offer(own, measured, high);
    this.#lowest.offer(own, measured, low);
  }

  /** @param strings of token ids */
  read(
    strings: (ids: readonly number[]) => string[],
  ): Omit<Found, "direction" | "hook" | "difference" | "warnings"> {
    const { count, mean, deviation, least, most } = this.#moments;
    const example = ({ ids, values, peak }: Kept): DirectionExample => ({
      tokens: strings([...ids]),
      values: values.slice(),
      peak,
    });
    return {
      tokens: count,
      contexts: this.#contexts,
      mean,
      deviation,
      least: count === 0 ? null : least,
      most: count === 0 ? null : most,
      histogram: this.#histogram.read(),
      highest: this.#highest.kept.map(example),
      lowest: this.#lowest.kept.map(example),
    };
  }
}

/** The contexts with the most extreme peaks, the most extreme first; of equal ones the first that came. */
class Extremes {
  readonly kept: Kept[] = [];
  readonly #most: number;
  readonly #sign: 1 | -1;

  constructor(most: number, sign: 1 | -1) {
    this.#most = most;
    this.#sign = sign;
  }

  offer(ids: Int32Array, values: Float32Array, peak: number): void {
    const value = this.#sign * values[peak]!;
    const size = (k: Kept) => this.#sign * k.values[k.peak]!;
    const { kept } = this;
    if (kept.length === this.#most && !(value > size(kept.at(-1)!))) return;
    // The same number to the last bit on the same token is the same text before it: one example of it is enough.
    const again = (k: Kept) => size(k) === value && k.ids[k.peak] === ids[peak];
    if (kept.some(again)) return;
    const place = kept.findIndex((k) => value > size(k));
    kept.splice(place < 0 ? kept.length : place, 0, {
      ids: ids.slice(),
      values: values.slice(),
      peak,
    });
    if (kept.length > this.#most) kept.pop();
  }
}
