/**
 * What a feature list and its dashboards tell, gathered in one pass over the corpus: per feature how often it fires, how
 * strongly at most, when last, a histogram, and the contexts where it is strongest with its activation on each token.
 */
import { Histograms } from "../math/histogram.ts";

/** Examples kept per feature; those that repeat another's text are left out when they are read. */
export const CANDIDATES = 18;
/** Tokens shown on each side of an example's peak. */
export const REACH = 16;
export const WINDOW = 2 * REACH + 1;
export const BINS = 40;

export interface StatsArrays {
  /** Tokens seen. */
  tokens: number;
  /** Tokens on which each feature fired, [F]. */
  fires: Uint32Array;
  /** Largest activation, 0 if it never fired, [F]. */
  max: Float32Array;
  /** Index of the last token on which it fired, −1 if it never did, [F]. */
  lastFired: Int32Array;
  /** [F]; 0 if it never fired */
  binWidth: Float64Array;
  /** [F, BINS] */
  counts: Uint32Array;
  /** Strongest examples, [F, CANDIDATES, WINDOW], in no order; the first `length` tokens of a window count. */
  exampleTokens: Int32Array;
  exampleActivations: Float32Array;
  /** Index of the peak in its window, and the window's length (0: no example), [F, CANDIDATES]. */
  examplePeak: Uint8Array;
  exampleLength: Uint8Array;
}

export class FeatureStats {
  readonly arrays: StatsArrays;
  readonly #dSae: number;
  readonly #histograms: Histograms;
  /** Smallest peak among a feature's kept examples once they are full, else 0, [F]. */
  readonly #least: Float32Array;
  /** Peak within the context at hand and where it is, [F]. */
  readonly #peak: Float32Array;
  readonly #peakAt: Int32Array;

  constructor(dSae: number) {
    this.#dSae = dSae;
    this.#histograms = new Histograms(dSae, BINS);
    this.#least = new Float32Array(dSae);
    this.#peak = new Float32Array(dSae);
    this.#peakAt = new Int32Array(dSae);
    const slots = dSae * CANDIDATES;
    this.arrays = {
      tokens: 0,
      fires: new Uint32Array(dSae),
      max: new Float32Array(dSae),
      lastFired: new Int32Array(dSae).fill(-1),
      binWidth: this.#histograms.binWidth,
      counts: this.#histograms.counts,
      exampleTokens: new Int32Array(slots * WINDOW),
      exampleActivations: new Float32Array(slots * WINDOW),
      examplePeak: new Uint8Array(slots),
      exampleLength: new Uint8Array(slots),
    };
  }

  /**
   * One context.
   * @param ids [T], BOS first
   * @param f_BF activations of the T − 1 tokens after it, [T − 1, F]
   */
  add(ids: Int32Array, f_BF: Float32Array): void {
    const { fires, lastFired, max } = this.arrays;
    const F = this.#dSae;
    const rows = ids.length - 1;
    this.#peak.fill(0);
    for (let b = 0; b < rows; b++) {
      const row = b * F;
      const token = this.arrays.tokens + b;
      for (let f = 0; f < F; f++) {
        const value = f_BF[row + f]!;
        if (value === 0) continue;
        fires[f]! += 1;
        lastFired[f] = token;
        this.#histograms.add(f, value);
        if (value > this.#peak[f]!) {
          this.#peak[f] = value;
          this.#peakAt[f] = b;
        }
      }
    }
    this.arrays.tokens += rows;
    for (let f = 0; f < F; f++) {
      const peak = this.#peak[f]!;
      if (peak > max[f]!) max[f] = peak;
      if (peak > this.#least[f]!) this.#keep(f, ids, f_BF);
    }
  }

  /** Puts the context into a free slot of the feature, or into that of its weakest example. */
  #keep(f: number, ids: Int32Array, f_BF: Float32Array): void {
    const { exampleActivations, exampleLength, examplePeak, exampleTokens } = this.arrays;
    const peakOf = (slot: number) =>
      exampleLength[slot] === 0 ? 0 : exampleActivations[slot * WINDOW + examplePeak[slot]!]!;
    let weakest = f * CANDIDATES;
    for (let slot = f * CANDIDATES; slot < (f + 1) * CANDIDATES; slot++) {
      // The same activation to the last bit is the same text before it: one example of it is enough.
      if (peakOf(slot) === this.#peak[f]!) return;
      if (peakOf(slot) < peakOf(weakest)) weakest = slot;
    }
    const at = this.#peakAt[f]! + 1; // in the context; row b belongs to token b + 1
    const begin = Math.max(1, at - REACH);
    const end = Math.min(ids.length, at + REACH + 1);
    for (let i = begin; i < end; i++) {
      exampleTokens[weakest * WINDOW + i - begin] = ids[i]!;
      exampleActivations[weakest * WINDOW + i - begin] = f_BF[(i - 1) * this.#dSae + f]!;
    }
    examplePeak[weakest] = at - begin;
    exampleLength[weakest] = end - begin;
    let least = Infinity;
    for (let slot = f * CANDIDATES; slot < (f + 1) * CANDIDATES; slot++) {
      least = Math.min(least, peakOf(slot));
    }
    this.#least[f] = least;
  }
}
