/** Which features of an SAE to show beside the prompt's tokens, and in which order. Pure. */
import type { FeatureRow } from "../core/sae.ts";
import type { PromptFeatures } from "../core/prompt-view.ts";

export const ACTIVITY_SORTS = ["strongest", "sum", "tokens", "first", "rarest"] as const;
/** Shares of the corpus above which features may be left out: Neuronpedia's filters, and none. */
export const ACTIVITY_DENSITIES = ["1", "0.1", "0.01", "0.0075", "0.001"] as const;
export type ActivitySort = (typeof ACTIVITY_SORTS)[number];
export interface ActivitySettings {
  sort: ActivitySort;
  /** Leave out features that are active on more than this share of the corpus; 1 keeps all. */
  mostDensity: number;
  /** Leave the first position out: BOS is unlike all others. */
  skipFirst: boolean;
  /** Positions to rank by instead: what is active there, by the sum over them. */
  marked: readonly number[];
  count: number;
}
export interface Activity {
  features: number[];
  /** [features, T]; NaN where a feature is off, and in a first position that is left out */
  values: Float32Array;
  /** How many features are active on the prompt and pass the filters. */
  total: number;
}

interface Candidate {
  feature: number;
  strongest: number;
  sum: number;
  tokens: number;
  first: number;
  atMarked: number;
}

/** @param density share of corpus tokens on which a feature is active, by feature; 0 where it is not known */
export function featureActivity(
  { active }: PromptFeatures,
  density: (feature: number) => number,
  { sort, mostDensity, skipFirst, marked, count }: ActivitySettings,
): Activity {
  const found = new Map<number, Candidate>();
  active.forEach((here, t) => {
    if (skipFirst && t === 0) return;
    for (const { feature, activation } of here) {
      if (density(feature) > mostDensity) continue;
      const known = found.get(feature);
      const candidate = known ?? {
        feature,
        strongest: 0,
        sum: 0,
        tokens: 0,
        first: t,
        atMarked: 0,
      };
      if (!known) found.set(feature, candidate);
      candidate.strongest = Math.max(candidate.strongest, activation);
      candidate.sum += activation;
      candidate.tokens += 1;
      if (marked.includes(t)) candidate.atMarked += activation;
    }
  });
  const by: Record<ActivitySort, (c: Candidate) => number> = {
    strongest: (c) => -c.strongest,
    sum: (c) => -c.sum,
    tokens: (c) => -c.tokens,
    first: (c) => c.first,
    rarest: (c) => density(c.feature),
  };
  const kept = [...found.values()].filter((c) => marked.length === 0 || c.atMarked > 0);
  const key = marked.length > 0 ? (c: Candidate) => -c.atMarked : by[sort];
  kept.sort((a, b) => key(a) - key(b) || b.strongest - a.strongest || a.feature - b.feature);
  const features = kept.slice(0, count).map(({ feature }) => feature);
  const T = active.length;
  const values = new Float32Array(features.length * T).fill(NaN);
  const rowOf = new Map(features.map((feature, row) => [feature, row]));
  active.forEach((here, t) => {
    if (skipFirst && t === 0) return; // or its column would drown all others
    for (const { feature, activation } of here) {
      const row = rowOf.get(feature);
      if (row !== undefined) values[row * T + t] = activation;
    }
  });
  return { features, values, total: kept.length };
}

/** @param rows of the SAE's feature table, by feature where they are complete */
export const densityOf =
  (rows: readonly FeatureRow[]) =>
  (feature: number): number =>
    (rows[feature]?.feature === feature
      ? rows[feature]
      : rows.find((row) => row.feature === feature)
    )?.density ?? 0;

/** "3,5" → [3, 5]; what is no position is left out. */
export const readMarks = (text: string, tokens: number): number[] => [
  ...new Set(
    text
      .split(",")
      .filter((part) => /^\d{1,6}$/.test(part))
      .map(Number)
      .filter((t) => t < tokens),
  ),
];
