/** What one square of the attention grid is of: a head, or a mean over several. */
import type { PatternDims } from "./attention.ts";

export interface HeadIndex {
  layer: number;
  head: number;
}
/** null: the mean over all of them. */
export interface HeadUnit {
  layer: number | null;
  head: number | null;
}
/** Which units a grid is of: every head, each layer's mean, the mean over layers of each index, the mean of all. */
export const HEAD_SETS = ["each", "layer", "index", "all"] as const;
export type HeadSet = (typeof HEAD_SETS)[number];
type Sizes = Pick<PatternDims, "layers" | "heads">;

const upTo = (n: number) => Array.from({ length: n }, (_, i) => i);

/** In reading order through the layers. */
export function unitsOf(set: HeadSet, { layers, heads }: Sizes): HeadUnit[] {
  if (set === "all") return [{ layer: null, head: null }];
  if (set === "layer") return upTo(layers).map((layer) => ({ layer, head: null }));
  if (set === "index") return upTo(heads).map((head) => ({ layer: null, head }));
  return upTo(layers).flatMap((layer) => upTo(heads).map((head) => ({ layer, head })));
}

/** The unit of a set that a head belongs to. */
export const unitOf = (set: HeadSet, { layer, head }: HeadIndex): HeadUnit => ({
  layer: set === "each" || set === "layer" ? layer : null,
  head: set === "each" || set === "index" ? head : null,
});

/** A head that belongs to the unit: its only one, or the first. */
export const someHead = ({ layer, head }: HeadUnit): HeadIndex => ({
  layer: layer ?? 0,
  head: head ?? 0,
});

/** The head that a unit is; null of a mean. */
export const soleHead = ({ layer, head }: HeadUnit): HeadIndex | null =>
  layer === null || head === null ? null : { layer, head };

/** Every head of a unit. */
export const headsOf = ({ layer, head }: HeadUnit, { layers, heads }: Sizes): HeadIndex[] =>
  (layer === null ? upTo(layers) : [layer]).flatMap((l) =>
    (head === null ? upTo(heads) : [head]).map((h) => ({ layer: l, head: h })),
  );

export const sameUnit = (a: HeadUnit, b: HeadUnit): boolean =>
  a.layer === b.layer && a.head === b.head;

/** The unit before or after in its set; null at the ends. */
export function neighbourUnit(
  set: HeadSet,
  unit: HeadUnit,
  step: 1 | -1,
  sizes: Sizes,
): HeadUnit | null {
  const units = unitsOf(set, sizes);
  const at = units.findIndex((other) => sameUnit(other, unit));
  return at < 0 ? null : (units[at + step] ?? null);
}

/** "L2H5": how heads are called everywhere. */
export const headName = ({ layer, head }: HeadIndex): string => `L${layer}H${head}`;

/** "L2H5", "L2 mean", "H5 mean", "mean of all". */
export function unitName(unit: HeadUnit): string {
  const { layer, head } = unit;
  const sole = soleHead(unit);
  if (sole) return headName(sole);
  if (layer !== null) return `L${layer} mean`;
  return head === null ? "mean of all" : `H${head} mean`;
}
