/**
 * A histogram of values of either sign whose range is not known beforehand. Bin i counts values in [i·w, (i + 1)·w), i from
 * −half to half − 1. A value outside doubles w as often as needed, and neighbours merge: ⌊v/2w⌋ = ⌊⌊v/w⌋/2⌋, so that one
 * pass is enough and every count stays exact. w is a power of two: the same values give the same histogram in any order
 * as soon as their largest is known.
 */
import { LabError } from "../core/lab-error.ts";

export class SignedHistogram {
  readonly #half: number;
  /** Bin i at i + half. */
  #counts: Uint32Array;
  /** 0 while all values were 0. */
  #width = 0;
  #zeros = 0;

  /** @param bins a multiple of 4 */
  constructor(bins: number) {
    if (bins < 4 || bins % 4 !== 0) {
      throw new LabError("bad-input", `a histogram needs a multiple of 4 bins, got ${bins}`);
    }
    this.#half = bins / 2;
    this.#counts = new Uint32Array(bins);
  }

  /** @throws LabError "bad-input" unless the value is finite */
  add(value: number): void {
    if (!Number.isFinite(value)) {
      throw new LabError("bad-input", `a histogram of numbers got ${value}`);
    }
    if (value === 0) {
      this.#zeros += 1;
      return;
    }
    const half = this.#half;
    if (this.#width === 0) this.#width = widthFor(value, half);
    // The least of numbers, divided, may be −0; it is negative all the same.
    const binOf = () => Math.min(Math.floor(value / this.#width), value < 0 ? -1 : half);
    let bin = binOf();
    while (bin < -half || bin >= half) {
      this.#double();
      bin = binOf();
    }
    this.#counts[bin + half]! += 1;
  }

  /** From the first to the last bin that holds anything; without a value no bin, and bins of width 0. */
  read(): { binWidth: number; from: number; counts: number[] } {
    const all = Array.from(this.#counts);
    if (this.#zeros > 0) all[this.#half]! += this.#zeros;
    const first = all.findIndex(Boolean);
    if (first < 0) return { binWidth: 0, from: 0, counts: [] };
    return {
      binWidth: this.#width === 0 ? 1 : this.#width,
      from: first - this.#half,
      counts: all.slice(first, all.findLastIndex(Boolean) + 1),
    };
  }

  #double(): void {
    const half = this.#half;
    const merged = new Uint32Array(2 * half);
    this.#counts.forEach((count, i) => {
      merged[Math.floor((i - half) / 2) + half]! += count;
    });
    this.#counts = merged;
    this.#width *= 2;
  }
}

/** Exponent of the smallest width: far below any float32, and still no subnormal number. */
const LEAST = -1000;

/** The smallest power of two of which the bins hold the value. */
function widthFor(value: number, half: number): number {
  let width = 2 ** Math.max(LEAST, Math.floor(Math.log2(Math.abs(value) / half)));
  while (value < -half * width || value >= half * width) width *= 2;
  return width;
}
