/** Which feature to show when nobody has chosen one: something to look at, not the first row of a table. Pure. */
import type { FeatureRow, FeatureTable } from "../core/sae.ts";
import type { PromptFeatures } from "../core/prompt-view.ts";
import { isDead } from "./feature-list.ts";

/** Active on so many tokens that it is rarely about one thing. */
export const isDense = ({ density }: FeatureRow): boolean => density > 0.05;

/**
 * The strongest feature on the prompt, dense ones and the first token left out (BOS excites features like no other);
 * else the one with the largest activation in the corpus; else any. Null only for an empty table.
 */
export function firstFeature(table: FeatureTable, prompt: PromptFeatures | null): number | null {
  const { rows, saeId } = table;
  const sparse = rows.filter((row) => !isDead(row) && !isDense(row));
  const sparseIds = new Set(sparse.map(({ feature }) => feature));
  const active = prompt?.saeId === saeId ? prompt.active.slice(1).flat() : [];
  const strongest = active
    .filter(({ feature }) => sparseIds.has(feature))
    .reduce((a, b) => (b.activation > a.activation ? b : a), { feature: -1, activation: 0 });
  if (strongest.feature >= 0) return strongest.feature;
  const [first, ...rest] = sparse.length > 0 ? sparse : rows;
  return first ? rest.reduce((a, b) => (b.max > a.max ? b : a), first).feature : null;
}
