/**
 * A histogram of positive values whose largest is not known beforehand. Bins are equal and start at 0; a value
 * beyond the last bin doubles the bin width as often as needed, merging neighbours, so that one pass is enough and
 * every count stays exact. The width is a power of two, so that two histograms of the same values never differ.
 */
import { LabError } from "../core/lab-error.ts";

export interface Histogram {
  /** Unit of the values. */
  binWidth: number;
  /** counts[i]: values in [i · binWidth, (i + 1) · binWidth). */
  counts: number[];
}

/** Many histograms of the same number of bins, one per row, e.g. one per feature. */
export class Histograms {
  readonly bins: number;
  /** [rows]; 0 for a row that has seen no value. */
  readonly binWidth: Float64Array;
  /** [rows, bins] */
  readonly counts: Uint32Array;

  /** @param bins even, so that two halves merge */
  constructor(rows: number, bins: number) {
    if (bins < 2 || bins % 2 !== 0) {
      throw new LabError("bad-input", `a histogram needs an even number of bins, got ${bins}`);
    }
    this.bins = bins;
    this.binWidth = new Float64Array(rows);
    this.counts = new Uint32Array(rows * bins);
  }

  /** @throws LabError "bad-input" unless the value is finite and > 0 */
  add(row: number, value: number): void {
    if (!(value > 0 && value < Infinity)) {
      throw new LabError("bad-input", `a histogram of positive values got ${value}`);
    }
    let width = this.binWidth[row]!;
    if (width === 0) width = this.binWidth[row] = widthFor(value, this.bins);
    while (value >= width * this.bins) {
      this.#double(row);
      width *= 2;
    }
    this.counts[row * this.bins + Math.floor(value / width)]! += 1;
  }

  /** Without the empty bins at the end; no bins at all if the row has seen no value. */
  read(row: number): Histogram {
    const counts = Array.from(this.counts.subarray(row * this.bins, (row + 1) * this.bins));
    return {
      binWidth: this.binWidth[row]!,
      counts: counts.slice(0, counts.findLastIndex(Boolean) + 1),
    };
  }

  #double(row: number): void {
    const start = row * this.bins;
    const half = this.bins / 2;
    for (let i = 0; i < half; i++) {
      this.counts[start + i] = this.counts[start + 2 * i]! + this.counts[start + 2 * i + 1]!;
    }
    this.counts.fill(0, start + half, start + this.bins);
    this.binWidth[row]! *= 2;
  }
}

/** The smallest power of two of which `bins` bins hold the value. */
function widthFor(value: number, bins: number): number {
  let width = 2 ** Math.floor(Math.log2(value / bins));
  while (value >= width * bins) width *= 2;
  return width;
}
