/** The map of features: neighbours against sorting all cosines, clusters that stay together, the same map from the same seed. */
import { describe, expect, it } from "vitest";
import {
  mapEpochs,
  type MapProgress,
  type MapRecipe,
  mapSeconds,
} from "../../src/core/feature-map.ts";
import { makeFeatureMap, type ToMap } from "../../src/lab/feature-map.ts";
import { keyedRandom, normal } from "../../src/math/keyed-random.ts";
import { nearestByCosine } from "../../src/math/nearest-cosines.ts";
import { isMap } from "../../src/storage/map-store.ts";
import { randomSae } from "./edit-models.ts";

const { signal } = new AbortController();

it("neighbours are those of sorting all cosines", () => {
  const [N, D, k] = [23, 7, 4];
  const random = keyedRandom(3);
  const rows = Float32Array.from({ length: N * D }, () => normal(random));
  rows.fill(0, 5 * D, 6 * D); // a direction that is none
  const work = nearestByCosine(rows, D, k);
  let step = work.next();
  let told = 0;
  while (!step.done) {
    told = step.value;
    step = work.next();
  }
  expect(told).toBe(N);
  const row = (i: number) => Array.from(rows.subarray(i * D, (i + 1) * D));
  const distance = (i: number, j: number) => {
    const dot = row(i).reduce((sum, v, d) => sum + v * row(j)[d]!, 0);
    const norms = Math.hypot(...row(i)) * Math.hypot(...row(j));
    return norms === 0 ? 1 : 1 - dot / norms;
  };
  const { indices, distances } = step.value;
  for (let i = 0; i < N; i++) {
    if (i === 5) continue; // all are as far from it
    const expected = [...Array(N).keys()]
      .filter((j) => j !== i)
      .sort((a, b) => distance(i, a) - distance(i, b))
      .slice(0, k);
    const found = [...indices.subarray(i * k, (i + 1) * k)];
    if (!expected.includes(5)) expect(found).toEqual(expected);
    found.forEach((j, n) => expect(distances[i * k + n]).toBeCloseTo(distance(i, j), 5));
  }
});

describe("a map", () => {
  const [D, F] = [12, 90];
  const sae = randomSae("blocks.0.hook_resid_post", D, F);
  const random = keyedRandom(8);
  // Three bundles of directions, and a dead feature.
  for (let f = 0; f < F; f++) {
    for (let d = 0; d < D; d++) {
      sae.weights.W_dec[f * D + d] = (d === (f % 3) * 4 ? 3 : 0) + 0.3 * normal(random);
    }
  }
  const alive = (f: number) => f !== 17;
  const mapped = (
    id: string,
    of: typeof sae,
    lives: (f: number) => boolean = () => true,
  ): ToMap => ({
    ...{ id, name: id.toUpperCase(), ...of },
    density: (f) => (lives(f) ? f / 1000 : null),
  });
  const own = mapped("a", sae, alive);
  const context = { signal, progress: () => {} };
  const make = (recipe: Partial<MapRecipe> = {}, told: MapProgress[] = []) =>
    makeFeatureMap(
      [own],
      { most: null, seed: 4, with: [], ...recipe },
      { signal, progress: (p) => told.push(p) },
    );

  it("puts directions of a bundle together, the same with the same seed", async () => {
    const map = await make();
    expect(isMap(structuredClone(map))).toBe(true);
    expect([...map.features]).toEqual([...Array(F).keys()].filter(alive));
    const at = (i: number) => [map.points[2 * i]!, map.points[2 * i + 1]!] as const;
    let right = 0;
    map.features.forEach((f, i) => {
      const others = [...map.features.keys()].filter((j) => j !== i);
      const nearest = others.sort(
        (a, b) =>
          Math.hypot(at(a)[0] - at(i)[0], at(a)[1] - at(i)[1]) -
          Math.hypot(at(b)[0] - at(i)[0], at(b)[1] - at(i)[1]),
      )[0]!;
      if (map.features[nearest]! % 3 === f % 3) right += 1;
    });
    expect(right).toBe(F - 1);
    expect((await make()).points).toEqual(map.points);
    expect((await make({ most: null, seed: 5 })).points).not.toEqual(map.points);
  });
  it("of a part is of features by the seed, at least as many as it needs", async () => {
    const some = await make({ most: 40, seed: 1 });
    expect(some.features).toHaveLength(40);
    expect([...some.features]).toEqual([...new Set(some.features)].sort((a, b) => a - b));
    expect((await make({ most: 2, seed: 1 })).features).toHaveLength(16);
    await expect(make({ most: 0, seed: 1 })).rejects.toThrow(/not 0/);
    const nine = mapped("a", sae, (f) => f < 9);
    const few = makeFeatureMap([nine], { most: null, seed: 1, with: [] }, context);
    await expect(few).rejects.toThrow(/more than 15 features .* has 9/);
  });
  it("of two autoencoders has each feature's owner and density, and like directions together", async () => {
    const noise = keyedRandom(9);
    // The second’s features lie along the first’s bundles, in another order.
    const second = randomSae("blocks.1.hook_resid_post", D, 30);
    for (let f = 0; f < 30; f++) {
      for (let d = 0; d < D; d++) {
        second.weights.W_dec[f * D + d] = (d === ((f + 1) % 3) * 4 ? 5 : 0) + 0.3 * normal(noise);
      }
    }
    const recipe = { most: null, seed: 4, with: ["b"] };
    const map = await makeFeatureMap([own, mapped("b", second)], recipe, context);
    expect(isMap(structuredClone(map))).toBe(true);
    expect(map.saes).toEqual([
      { id: "a", name: "A", hook: "blocks.0.hook_resid_post" },
      { id: "b", name: "B", hook: "blocks.1.hook_resid_post" },
    ]);
    expect([...map.of]).toEqual([...Array<number>(F - 1).fill(0), ...Array<number>(30).fill(1)]);
    expect([...map.features.subarray(F - 1)]).toEqual([...Array(30).keys()]);
    map.features.forEach((f, i) => expect(map.densities[i]).toBeCloseTo(f / 1000, 6));
    const bundle = (i: number) => (map.features[i]! + map.of[i]!) % 3;
    const distance = (i: number, j: number) =>
      Math.hypot(
        map.points[2 * i]! - map.points[2 * j]!,
        map.points[2 * i + 1]! - map.points[2 * j + 1]!,
      );
    for (let i = F - 1; i < map.features.length; i++) {
      const others = [...map.features.keys()].filter((j) => map.of[j] === 0);
      const nearest = others.sort((j, k) => distance(i, j) - distance(i, k))[0]!;
      expect(bundle(nearest)).toBe(bundle(i));
    }
    const narrow = mapped("n", randomSae("blocks.0.hook_resid_post", D + 1, 30));
    await expect(makeFeatureMap([own, narrow], recipe, context)).rejects.toThrow(
      /“N” writes 13 numbers and “A” 12/,
    );
  });
  it("can be cancelled", async () => {
    const abort = new AbortController();
    abort.abort();
    const wide = randomSae("blocks.0.hook_resid_post", 192, 1500);
    const made = makeFeatureMap(
      [mapped("a", wide)],
      { most: null, seed: 1, with: [] },
      { signal: abort.signal, progress: () => {} },
    );
    await expect(made).rejects.toThrow(/abort/i);
  });
  it("takes as long as its pairs and epochs do", () => {
    expect([1536, 4096, 7000, 24576].map(mapEpochs)).toEqual([500, 400, 300, 200]);
    expect(mapSeconds(24_576, 768)).toBeGreaterThan(20 * mapSeconds(4096, 768));
  });
});
