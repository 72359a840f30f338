/** The pure part of a patching heatmap: values of many pairs as one number a cell, with their spread. */
import { type LabError, toLabError } from "../core/lab-error.ts";
import type { Direction } from "../core/patching.ts";
import { correlation } from "../math/correlation.ts";
import {
  type MeanAndError,
  meanAndError,
  metricScale,
  normalised,
  type PairMetric,
  type Scale,
} from "../math/patching.ts";
import { type MatrixScale, signedScale } from "./matrix-cells.ts";

/** share: the normalised metric. change: what the patch adds to the metric, in its own unit. */
export const PATCH_FORMS = ["share", "change"] as const;
export type PatchForm = (typeof PATCH_FORMS)[number];

export interface PatchCells {
  /** By cell; null where nothing is known. */
  stats: readonly (MeanAndError | null)[];
  /** The means, for a matrix; NaN where nothing is known. */
  means: Float32Array;
  scale: MatrixScale;
}

/** The ends of the scale, or why there are none. */
export function scaleOf(pairs: readonly PairMetric[]): { scale: Scale } | { error: LabError } {
  try {
    return { scale: metricScale(pairs) };
  } catch (e) {
    return { error: toLabError(e) };
  }
}

/**
 * @param metrics by pair and cell: the patched run's metric
 * @param scale of all pairs; null for the form "change"
 * @param size cells of the matrix: at least as many as there are
 */
export function patchCells(
  metrics: readonly Float64Array[],
  pairs: readonly PairMetric[],
  direction: Direction,
  scale: Scale | null,
  size: number,
): PatchCells {
  const count = metrics[0]?.length ?? 0;
  const scales = new Map<string, Scale | null>();
  /** Of the pairs whose value is known: with the ends of all, a cell of few pairs would not lie between 0 and 1. */
  const scaleOfKnown = (known: readonly number[]): Scale | null => {
    if (known.length === pairs.length) return scale;
    const key = known.join();
    const ends = scales.has(key) ? null : scaleOf(known.map((i) => pairs[i]!));
    if (ends) scales.set(key, "scale" in ends ? ends.scale : null);
    return scales.get(key)!;
  };
  const stats = Array.from({ length: count }, (_, cell) => {
    const known = metrics.flatMap((values, i) => (Number.isNaN(values[cell]) ? [] : [i]));
    if (known.length === 0) return null;
    const own = scale && scaleOfKnown(known);
    if (scale && !own) return null;
    return meanAndError(
      known.map((i) => {
        const [m, pair] = [metrics[i]![cell]!, pairs[i]!];
        return own
          ? normalised(m, pair, own)
          : m - (direction === "denoise" ? pair.corrupted : pair.clean);
      }),
    );
  });
  const means = new Float32Array(Math.max(size, count)).fill(NaN);
  stats.forEach((stat, cell) => {
    if (stat) means[cell] = stat.mean;
  });
  // Where nothing changes the colour is none: 0, or 1 when the clean run is spoilt.
  const rest = scale && direction === "noise" ? 1 : 0;
  const { high } = signedScale(means.map((v) => v - rest));
  return { stats, means, scale: { low: rest - high, high: rest + high } };
}

/** Mean and error of what is added to the metric, pair by pair. */
export const meanChange = (
  values: readonly number[],
  pairs: readonly PairMetric[],
  direction: Direction,
): MeanAndError | null =>
  meanAndError(
    values.map((v, i) => v - (direction === "denoise" ? pairs[i]!.corrupted : pairs[i]!.clean)),
  );

/** Estimates of what is added → metrics of runs. */
export const estimated = (
  added: readonly Float64Array[],
  pairs: readonly PairMetric[],
  direction: Direction,
): Float64Array[] =>
  added.map((values, i) =>
    values.map((v) => v + (direction === "denoise" ? pairs[i]!.corrupted : pairs[i]!.clean)),
  );

export interface Agreement {
  /** Cells that both know, by what the preview says of them, largest first. */
  points: readonly { cell: number; preview: number; exact: number }[];
  /** Pearson's; null of fewer than three, or where one side is constant. */
  correlation: number | null;
}
export function agreement(preview: PatchCells, exact: PatchCells, rest: number): Agreement {
  const points = exact.stats.flatMap((stat, cell) => {
    const other = preview.stats[cell];
    return stat && other ? [{ cell, preview: other.mean, exact: stat.mean }] : [];
  });
  const by = (key: "preview" | "exact") => points.map((point) => point[key]);
  return {
    points: points.toSorted((a, b) => Math.abs(b.preview - rest) - Math.abs(a.preview - rest)),
    correlation: points.length < 3 ? null : correlation(by("preview"), by("exact")),
  };
}

/** The cells that differ most from `rest`, those not in `known` only. */
export const strongestCells = ({ stats }: PatchCells, rest: number, n: number): number[] =>
  stats
    .flatMap((stat, cell) => (stat ? [{ cell, size: Math.abs(stat.mean - rest) }] : []))
    .sort((a, b) => b.size - a.size || a.cell - b.cell)
    .slice(0, n)
    .map(({ cell }) => cell);

/** Equal bins over the values, at most `most` of them, of round width; null without values. */
export function binned(values: readonly number[], most = 20) {
  if (values.length === 0) return null;
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const rough = (high - low) / most || Math.max(Math.abs(high), 1) / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const binWidth = [1, 2, 5, 10].map((step) => step * power).find((step) => step >= rough)!;
  const from = Math.floor(low / binWidth);
  const counts = new Array<number>(Math.floor(high / binWidth) - from + 1).fill(0);
  for (const value of values) counts[Math.floor(value / binWidth) - from]!++;
  return { binWidth, from, counts };
}
