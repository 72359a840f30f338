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

/**
 * @param alive whether a feature is to be on the map
 * @throws LabError "bad-input" for too few features or a recipe that makes no sense; "cancelled"
 */
export async function makeFeatureMap(
  saeId: string,
  { config, weights }: OpenedSae,
  recipe: MapRecipe,
  alive: (feature: number) => boolean,
  { signal, progress }: Context,
): Promise<FeatureMap> {
  const features = chosen(config.dSae, recipe, alive);
  const N = features.length;
  const { width } = outputOf(config);
  const rows = new Float32Array(N * width);
  features.forEach((f, i) =>
    rows.set(weights.W_dec.subarray(f * width, (f + 1) * width), i * width),
  );
  let reported = 0;
  const tell = (
    { stage, done, total }: Pick<MapProgress, "stage" | "done" | "total">,
    share: number,
    began: number,
    points: () => Float32Array | null,
  ) => {
    const now = performance.now();
    if (now - reported < REPORT_MS) return;
    reported = now;
    const secondsLeft = share > 0.02 ? ((now - began) / 1000) * (1 / share - 1) : null;
    progress({ stage, done, total, secondsLeft, points: points(), features });
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
    tell({ stage: "layout", done, total: epochs }, done / epochs, began, () => pointsOf(umap)),
  );
  return { saeId, recipe, features, points: pointsOf(umap) };
}

function* steps(umap: UMAP, epochs: number): Generator<number, void> {
  for (let done = 1; done <= epochs; done++) {
    umap.step();
    yield done;
  }
}

const pointsOf = (umap: UMAP): Float32Array => Float32Array.from(umap.getEmbedding().flat());

function chosen(
  dSae: number,
  { most, seed }: MapRecipe,
  alive: (feature: number) => boolean,
): Uint32Array {
  if (most !== null && (!Number.isInteger(most) || most < 1)) {
    throw new LabError("bad-input", `a map has at most some whole number of features, not ${most}`);
  }
  const all = Array.from({ length: dSae }, (_, f) => f).filter(alive);
  if (all.length <= MAP_NEIGHBOURS) {
    throw new LabError(
      "bad-input",
      `a map needs more than ${MAP_NEIGHBOURS} features that were ever active; this autoencoder has ${all.length}`,
    );
  }
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
