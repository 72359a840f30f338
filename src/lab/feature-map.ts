/**
 * UMAP of decoder directions (McInnes, Healy, Melville, 2018): each feature's nearest by cosine, then points of a plane that
 * are moved until those are near each other. In slices, so that the worker stays free for other calls; the same seed gives
 * the same map.
 */
import { UMAP } from "umap-js";
import {
  type FeatureMap,
  MAP_MIN_DIST,
  MAP_NEIGHBOURS,
  type MapProgress,
  type MapRecipe,
  MOST_MAPPED,
} from "../core/feature-map.ts";
import { LabError } from "../core/lab-error.ts";
import { outputOf } from "../core/sae.ts";
import { keyedRandom, permutation } from "../math/keyed-random.ts";
import { nearestByCosine, type NearestRows } from "../math/nearest-cosines.ts";
import type { OpenedSae } from "./feature-reader.ts";
import { inSlices } from "./in-slices.ts";

const REPORT_MS = 250;

interface Context {
  signal: AbortSignal;
  progress: (progress: MapProgress) => void;
}

/** An SAE whose features are to be on a map. */
export interface ToMap extends OpenedSae {
  id: string;
  name: string;
  /** How often a feature is active; null: it is dead, and has no place on the map. NaN: not measured. */
  density: (feature: number) => number | null;
}

/**
 * @param saes the one that is asked for first
 * @throws LabError "bad-input" for too few features or a recipe that makes no sense; "unsupported" for SAEs of several widths;
 *         "cancelled"
 */
export async function makeFeatureMap(
  saes: readonly ToMap[],
  recipe: MapRecipe,
  { signal, progress }: Context,
): Promise<FeatureMap> {
  const width = oneWidth(saes);
  const parts = saes.map((sae) => chosen(sae, recipe));
  const N = parts.reduce((sum, part) => sum + part.length, 0);
  if (N <= MAP_NEIGHBOURS) {
    throw new LabError(
      "bad-input",
      `a map needs more than ${MAP_NEIGHBOURS} features that were ever active; ${saes.length === 1 ? "this autoencoder has" : "these autoencoders have"} ${N}`,
    );
  }
  const features = new Uint32Array(N);
  const of = new Uint8Array(N);
  const densities = new Float32Array(N);
  const rows = new Float32Array(N * width);
  let at = 0;
  saes.forEach(({ weights, density }, s) => {
    for (const f of parts[s]!) {
      features[at] = f;
      of[at] = s;
      densities[at] = density(f) ?? NaN;
      rows.set(weights.W_dec.subarray(f * width, (f + 1) * width), at * width);
      at += 1;
    }
  });
  const made = (points: Float32Array): FeatureMap => ({
    saes: saes.map(({ id, name, config }) => ({ id, name, hook: outputOf(config).hook })),
    ...{ recipe, features, of, densities, points },
  });
  let reported = 0;
  const tell = (
    { stage, done, total }: Pick<MapProgress, "stage" | "done" | "total">,
    share: number,
    began: number,
    map: () => FeatureMap | null,
  ) => {
    const now = performance.now();
    if (now - reported < REPORT_MS) return;
    reported = now;
    const secondsLeft = share > 0.02 ? ((now - began) / 1000) * (1 / share - 1) : null;
    progress({ stage, done, total, secondsLeft, map: map() });
  };
  let began = performance.now();
  const nearest = await inSlices(nearestByCosine(rows, width, MAP_NEIGHBOURS - 1), signal, (done) =>
    // Row i is compared with those after it alone.
    tell({ stage: "neighbours", done, total: N }, 1 - (1 - done / N) ** 2, began, () => null),
  );
  const umap = new UMAP({
    ...{ nComponents: 2, nNeighbors: MAP_NEIGHBOURS, minDist: MAP_MIN_DIST },
    random: keyedRandom(recipe.seed, 1),
  });
  const { indices, distances } = withThemselves(nearest, N);
  umap.setPrecomputedKNN(indices, distances);
  const epochs = umap.initializeFit(Array.from({ length: N }, () => [])); // only counted: the neighbours are known
  began = performance.now();
  await inSlices(steps(umap, epochs), signal, (done) =>
    tell({ stage: "layout", done, total: epochs }, done / epochs, began, () =>
      made(pointsOf(umap)),
    ),
  );
  return made(pointsOf(umap));
}

function oneWidth(saes: readonly ToMap[]): number {
  if (saes.length === 0 || saes.length > MOST_MAPPED) {
    throw new LabError(
      "bad-input",
      `a map is of 1 to ${MOST_MAPPED} autoencoders, not ${saes.length}`,
    );
  }
  const widths = saes.map(({ config }) => outputOf(config).width);
  const other = widths.findIndex((width) => width !== widths[0]);
  if (other >= 0) {
    throw new LabError(
      "unsupported",
      `“${saes[other]!.name}” writes ${widths[other]} numbers and “${saes[0]!.name}” ${widths[0]}: their directions cannot be on one map`,
    );
  }
  return widths[0]!;
}

function* steps(umap: UMAP, epochs: number): Generator<number, void> {
  for (let done = 1; done <= epochs; done++) {
    umap.step();
    yield done;
  }
}

const pointsOf = (umap: UMAP): Float32Array => Float32Array.from(umap.getEmbedding().flat());

function chosen({ config, density }: ToMap, { most, seed }: MapRecipe): Uint32Array {
  if (most !== null && (!Number.isInteger(most) || most < 1)) {
    throw new LabError("bad-input", `a map has at most some whole number of features, not ${most}`);
  }
  const all = Array.from({ length: config.dSae }, (_, f) => f).filter((f) => density(f) !== null);
  if (most === null || most >= all.length) return Uint32Array.from(all);
  const order = permutation(all.length, keyedRandom(seed, 0));
  const wanted = Math.max(most, MAP_NEIGHBOURS + 1);
  return Uint32Array.from(order.subarray(0, wanted), (i) => all[i]!).sort();
}

/** UMAP counts a point among its own neighbours. */
function withThemselves({ indices, distances }: NearestRows, N: number) {
  const k = MAP_NEIGHBOURS - 1;
  return {
    indices: Array.from({ length: N }, (_, i) => [i, ...indices.subarray(i * k, (i + 1) * k)]),
    distances: Array.from({ length: N }, (_, i) => [0, ...distances.subarray(i * k, (i + 1) * k)]),
  };
}
