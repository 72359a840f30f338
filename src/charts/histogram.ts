/** Geometry and words of a histogram: counts in equal bins from 0. Pure. */
import { scaleLinear } from "d3";

export interface Histogram {
  binWidth: number;
  counts: readonly number[];
}
export interface Bar {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** One bar a bin, in pixels; a bin that holds anything is at least one pixel high, so that the rare are seen. */
export function histogramBars({ counts }: Histogram, width: number, height: number): Bar[] {
  const y = scaleLinear()
    .domain([0, Math.max(1, ...counts)])
    .range([0, height]);
  const step = width / Math.max(1, counts.length);
  return counts.map((count, i) => {
    const tall = count === 0 ? 0 : Math.max(1, y(count));
    return { x: i * step, y: height - tall, width: Math.max(1, step - 1), height: tall };
  });
}

/** "1.20 to 1.50: 42 tokens, 3.1 % of those where it is active" */
export function binWords({ binWidth, counts }: Histogram, bin: number): string {
  const count = counts[bin];
  if (count === undefined) return "";
  const total = counts.reduce((sum, c) => sum + c, 0);
  const digits = Math.max(0, Math.min(6, 1 - Math.floor(Math.log10(binWidth))));
  const [from, to] = [bin * binWidth, (bin + 1) * binWidth].map((v) => v.toFixed(digits));
  const share = total === 0 ? "" : `, ${((100 * count) / total).toFixed(1)} % of its activations`;
  return `${from} to ${to}: ${count.toLocaleString("en-US")} ${count === 1 ? "token" : "tokens"}${share}`;
}
