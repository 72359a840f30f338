/** The dashboards of all features of an SAE, as they are kept. */
import type { FeatureRow } from "../core/sae.ts";

export interface StoredExample {
  /** Without BOS. */
  ids: number[];
  activations: Float32Array;
  /** Index of the example's token. */
  peak: number;
}

export interface StoredInterval {
  /** Activations from `from` up to, not with, `to`. */
  from: number;
  to: number;
  /** Tokens in it. */
  count: number;
  examples: StoredExample[];
}

export interface Dashboards {
  tokens: number;
  row(feature: number): FeatureRow;
  histogram(feature: number): { binWidth: number; counts: number[] };
  /** The strongest, strongest first. */
  examples(feature: number, n: number): StoredExample[];
  /** From the highest that holds a token down; null if they were measured before there were any. */
  intervals(feature: number): StoredInterval[] | null;
  /** By correlation, largest first; null if it was measured before they were. */
  correlated(
    feature: number,
  ): { tokens: number; features: { feature: number; r: number }[] } | null;
}
