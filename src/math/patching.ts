/** What patched runs come to over the pairs of a task: the normalised metric, its mean and its error. */
import { LabError } from "../core/lab-error.ts";

/** A metric of one pair, in its own unit. */
export interface PairMetric {
  clean: number;
  corrupted: number;
}
export interface Scale {
  /** mean clean − mean corrupted */
  span: number;
  clean: number;
  corrupted: number;
}

/** Of the larger of both means, or 1: what float32 runs may differ by when nothing is different. */
const ROUNDING = 1e-5;

/**
 * The two ends of the normalised metric: means over the pairs.
 * @throws LabError "degenerate" if they are equal: then 0/0 would be asked for
 */
export function metricScale(pairs: readonly PairMetric[]): Scale {
  if (pairs.length === 0) throw new LabError("degenerate", "there is no pair to take the mean of");
  const mean = (key: keyof PairMetric) =>
    pairs.reduce((sum, pair) => sum + pair[key], 0) / pairs.length;
  const [clean, corrupted] = [mean("clean"), mean("corrupted")];
  const span = clean - corrupted;
  if (!(Math.abs(span) > ROUNDING * Math.max(1, Math.abs(clean), Math.abs(corrupted)))) {
    throw new LabError(
      "degenerate",
      `clean and corrupted prompts have the same metric (${clean.toPrecision(4)} and ${corrupted.toPrecision(4)}), ` +
        "so no share of the way between them can be said; take another metric or another corruption",
    );
  }
  return { span, clean, corrupted };
}

/**
 * (m − m_corrupted) / (mean clean − mean corrupted), m_corrupted of the same pair: its mean over the pairs is the ratio of the
 * means, (M − M_corrupted) / (M_clean − M_corrupted). 0: as corrupted, 1: as clean; unitless, may lie outside.
 * Source: TransformerLens's patching demo, whose metric is the mean over its batch.
 */
export const normalised = (m: number, pair: PairMetric, { span }: Scale): number =>
  (m - pair.corrupted) / span;

export interface MeanAndError {
  n: number;
  mean: number;
  /** s / √n, with s² = Σ(x − mean)² / (n − 1); null of a single value. */
  error: number | null;
}

/** Of the values that are numbers; null without one. Float64, two passes. */
export function meanAndError(values: Iterable<number>): MeanAndError | null {
  const known = [...values].filter((v) => !Number.isNaN(v));
  const n = known.length;
  if (n === 0) return null;
  const mean = known.reduce((a, b) => a + b, 0) / n;
  if (n === 1) return { n, mean, error: null };
  const squares = known.reduce((sum, v) => sum + (v - mean) ** 2, 0);
  return { n, mean, error: Math.sqrt(squares / (n - 1) / n) };
}
