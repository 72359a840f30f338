/** Order and selection of the rows of the feature list: pure, so that a list of 24,576 rows can be tested. */
import type { FeatureList } from "../core/feature-notes.ts";
import type { FeatureRow } from "../core/sae.ts";

export type FeatureSort = "feature" | "density" | "max" | "lastFired";
export interface FeatureListSettings {
  sort: FeatureSort;
  descending: boolean;
  /** Leave out features that never fired on the dashboard tokens. */
  hideDead: boolean;
}
export const DEFAULT_FEATURE_LIST: FeatureListSettings = {
  sort: "max",
  descending: true,
  hideDead: true,
};

/** A feature that never fired on the dashboard tokens. */
export const isDead = (row: FeatureRow): boolean => row.lastFired === null;

/**
 * The rows to show, in order. Ties go by feature number. A feature that never fired has no "last fired": it comes
 * last in both directions.
 */
export function listFeatures(
  rows: readonly FeatureRow[],
  { sort, descending, hideDead }: FeatureListSettings,
): FeatureRow[] {
  const kept = hideDead ? rows.filter((row) => !isDead(row)) : [...rows];
  const sign = descending ? -1 : 1;
  return kept.sort((a, b) => {
    const [x, y] = [a[sort], b[sort]];
    if (x === y) return a.feature - b.feature;
    if (x === null) return 1;
    if (y === null) return -1;
    return sign * (x - y);
  });
}

/** A list in the order of a column, all that is in it. @param rows of all features, by number */
export const sortedList = (
  list: FeatureList,
  rows: readonly FeatureRow[],
  settings: FeatureListSettings,
): FeatureList => {
  const own = list.features.flatMap((feature) => rows[feature] ?? []);
  const sorted = listFeatures(own, { ...settings, hideDead: false });
  return { ...list, features: sorted.map(({ feature }) => feature) };
};
