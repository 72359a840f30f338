/** Geometry and words of a histogram: counts in equal bins. Pure. */
import { scaleLinear } from "d3";

export interface Histogram {
  binWidth: number;
  /** Where the first bin begins, in bins. @default 0 */
  from?: number;
  counts: readonly number[];
}
export interface Bar {
  x: number;
  y: number;
  width: number;
  height: number;
}

/**
 * One bar a bin, in pixels; a bin that holds anything is at least one pixel high, so that the rare are seen.
 * @param logarithmic height in proportion to log(1 + count), where one bin would dwarf all others
 */
export function histogramBars(
  { counts }: Histogram,
  width: number,
  height: number,
  logarithmic = false,
): Bar[] {
  const size = logarithmic ? Math.log1p : (count: number) => count;
  const scale = scaleLinear()
    .domain([0, size(Math.max(1, ...counts))])
    .range([0, height]);
  const y = (count: number) => scale(size(count));
  const step = width / Math.max(1, counts.length);
  return counts.map((count, i) => {
    const tall = count === 0 ? 0 : Math.max(1, y(count));
    return { x: i * step, y: height - tall, width: Math.max(1, step - 1), height: tall };
  });
}

/** "1.20 to 1.50: 42 tokens, 3.1 % of those where it is active" */
export function binWords(
  { binWidth, from: first = 0, counts }: Histogram,
  bin: number,
  of = "of its activations",
  [one, many]: readonly [string, string] = ["token", "tokens"],
): string {
  const count = counts[bin];
  if (count === undefined) return "";
  const total = counts.reduce((sum, c) => sum + c, 0);
  const digits = Math.max(0, Math.min(6, 1 - Math.floor(Math.log10(binWidth))));
  const [from, to] = [first + bin, first + bin + 1].map((n) =>
    (n * binWidth).toFixed(digits).replace("-", "−"),
  );
  const share = total === 0 ? "" : `, ${((100 * count) / total).toFixed(1)} % ${of}`;
  return `${from} to ${to}: ${count.toLocaleString("en-US")} ${count === 1 ? one : many}${share}`;
}

/**
 * How many values lie in the bins from one on: exact where that bin begins.
 * @param edge of the histogram's bins, 0 the first's beginning
 */
export const countFrom = ({ counts }: Histogram, edge: number): number =>
  counts.slice(Math.max(0, edge)).reduce((sum, count) => sum + count, 0);
