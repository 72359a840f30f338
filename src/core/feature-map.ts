/**
 * All features of an SAE, or of several that write into one space, as points of a plane, those with like directions near each
 * other: plain data.
 */

/** What a map is made of. */
export interface MapRecipe {
  /** How many features of each SAE at most, chosen by the seed; null: all that are alive. */
  most: number | null;
  seed: number;
  /** Ids of other SAEs whose features are laid out among its own. */
  with: readonly string[];
}
export interface MappedSae {
  id: string;
  name: string;
  /** Where it writes. */
  hook: string;
}
export interface FeatureMap {
  /** The one that it was asked for comes first. */
  saes: readonly MappedSae[];
  recipe: MapRecipe;
  /** [N], SAE after SAE, ascending in each */
  features: Uint32Array;
  /** [N] whose it is: an index in `saes` */
  of: Uint8Array;
  /** [N] share of tokens on which it is active; NaN where that was not measured */
  densities: Float32Array;
  /** [N, 2]; neither unit nor axis means anything, only what is near what. */
  points: Float32Array;
}
export interface MapProgress {
  /** Nearest neighbours are looked for, then the points are moved. */
  stage: "neighbours" | "layout";
  done: number;
  total: number;
  secondsLeft: number | null;
  /** Where the points are by now; null before there are any. */
  map: FeatureMap | null;
}
/** SAEs on one map, at most. */
export const MOST_MAPPED = 16;

/** UMAP's own defaults: neighbours of each point, and how close points may lie. */
export const MAP_NEIGHBOURS = 15;
export const MAP_MIN_DIST = 0.1;

/** Products per second of the search for neighbours, and moves of a point per second: measured in WASM-less JavaScript. */
const PRODUCTS = 0.8e9;
const MOVES = 1.2e6;
/** UMAP's number of epochs for so many points. */
export const mapEpochs = (n: number): number =>
  n <= 2500 ? 500 : n <= 5000 ? 400 : n <= 7500 ? 300 : 200;

/** A guess, in seconds, before anything was measured: n²/2 cosines of d numbers each, then the epochs. */
export const mapSeconds = (n: number, d: number): number =>
  (n * n * d) / 2 / PRODUCTS + (n * mapEpochs(n)) / MOVES;
