/**
 * What a feature list and its dashboards tell, gathered in one pass over the corpus: per feature how often it fires, how
 * strongly at most, when last, a histogram, the tokens where it is strongest, and from each of ten intervals of its
 * activation a few tokens by chance.
 */
import { BottomSamples, mix } from "../math/bottom-sample.ts";
import { Histograms } from "../math/histogram.ts";
import { ActiveTokens } from "./active-tokens.ts";

/** Strongest tokens kept per feature; those that repeat another's text are left out when they are written. */
export const CANDIDATES = 30;
/** Intervals are equal, four bars of the histogram each: as its bars merge, so do they. The upper half or more is in use. */
export const INTERVALS = 10;
export const BARS_PER_INTERVAL = 4;
export const BINS = INTERVALS * BARS_PER_INTERVAL;
/** Tokens kept of each. */
export const PER_INTERVAL = 5;

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
}
/** A token of the pass. */
export interface TokenRef {
  context: number;
  /** In the context; BOS, which is never measured, would be 0. */
  position: number;
}

export class FeatureStats {
  readonly arrays: StatsArrays;
  readonly active: ActiveTokens;
  readonly #dSae: number;
  readonly #histograms: Histograms;
  readonly #samples: BottomSamples;
  /** The strongest token of each of the contexts that are kept, in no order, as its number in the pass, [F, CANDIDATES]. */
  readonly #top: Uint32Array;
  /** Its activation; 0: a free place. */
  readonly #topValue: Float32Array;
  /** Smallest of them once they are full, else 0, [F]. */
  readonly #least: Float32Array;
  /** Peak within the context at hand and where it is, [F]. */
  readonly #peak: Float32Array;
  readonly #peakAt: Int32Array;

  constructor(dSae: number) {
    this.#dSae = dSae;
    this.active = new ActiveTokens(dSae);
    this.#histograms = new Histograms(dSae, BINS);
    this.#samples = new BottomSamples(dSae, INTERVALS, PER_INTERVAL);
    this.#top = new Uint32Array(dSae * CANDIDATES);
    this.#topValue = new Float32Array(dSae * CANDIDATES);
    this.#least = new Float32Array(dSae);
    this.#peak = new Float32Array(dSae);
    this.#peakAt = new Int32Array(dSae);
    this.arrays = {
      tokens: 0,
      fires: new Uint32Array(dSae),
      max: new Float32Array(dSae),
      lastFired: new Int32Array(dSae).fill(-1),
      binWidth: this.#histograms.binWidth,
      counts: this.#histograms.counts,
    };
  }

  get dSae(): number {
    return this.#dSae;
  }

  /**
   * One context.
   * @param ids [T], BOS first
   * @param f_BF activations of the T − 1 tokens after it, [T − 1, F]
   * @throws LabError "shape" if the context is not as long as those before it
   */
  add(ids: Int32Array, f_BF: Float32Array): void {
    const { fires, lastFired, max, binWidth } = this.arrays;
    const F = this.#dSae;
    const rows = ids.length - 1;
    const text = ids.reduce(mix, 0); // the same text is drawn once, wherever it stands
    this.#peak.fill(0);
    for (let b = 0; b < rows; b++) {
      const row = b * F;
      const token = this.arrays.tokens + b;
      const place = mix(text, b);
      for (let f = 0; f < F; f++) {
        const value = f_BF[row + f]!;
        if (value === 0) continue;
        this.active.push(f, value);
        fires[f]! += 1;
        lastFired[f] = token;
        const before = binWidth[f]!;
        this.#histograms.add(f, value);
        const width = binWidth[f]!;
        if (before > 0) for (let w = before; w < width; w *= 2) this.#samples.double(f);
        const interval = Math.floor(value / (width * BARS_PER_INTERVAL));
        this.#samples.add(f, interval, mix(place, f), token);
        if (value > this.#peak[f]!) {
          this.#peak[f] = value;
          this.#peakAt[f] = token;
        }
      }
      this.active.endToken();
    }
    this.active.endContext(ids);
    this.arrays.tokens += rows;
    for (let f = 0; f < F; f++) {
      const peak = this.#peak[f]!;
      if (peak > max[f]!) max[f] = peak;
      if (peak > this.#least[f]!) this.#keep(f);
    }
  }

  /** The strongest tokens, one a context, strongest first. */
  strongest(feature: number): TokenRef[] {
    const places = Array.from({ length: CANDIDATES }, (_, n) => feature * CANDIDATES + n);
    return places
      .filter((place) => this.#topValue[place]! > 0)
      .sort((a, b) => this.#topValue[b]! - this.#topValue[a]!)
      .map((place) => this.#refOf(this.#top[place]!));
  }

  /** Tokens by chance whose activation lies in an interval: [i, i + 1) · BARS_PER_INTERVAL · bin width. */
  sample(feature: number, interval: number): TokenRef[] {
    return this.#samples.read(feature, interval).map((token) => this.#refOf(token));
  }

  #refOf(token: number): TokenRef {
    const rows = this.active.contextSize - 1;
    return { context: Math.floor(token / rows), position: (token % rows) + 1 };
  }

  /** Puts the context's peak into a free place of the feature, or into that of its weakest. */
  #keep(f: number): void {
    const peak = this.#peak[f]!;
    const start = f * CANDIDATES;
    let weakest = start;
    for (let place = start; place < start + CANDIDATES; place++) {
      // The same activation to the last bit is the same text before it: one example of it is enough.
      if (this.#topValue[place] === peak) return;
      if (this.#topValue[place]! < this.#topValue[weakest]!) weakest = place;
    }
    this.#top[weakest] = this.#peakAt[f]!;
    this.#topValue[weakest] = peak;
    this.#least[f] = this.#topValue
      .subarray(start, start + CANDIDATES)
      .reduce((a, b) => Math.min(a, b));
  }
}
