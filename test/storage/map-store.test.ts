/** A map of several autoencoders is found from each of them, and gone with the one that is deleted. */
import "fake-indexeddb/auto";
import { openDB } from "idb";
import { expect, it } from "vitest";
import type { FeatureMap } from "../../src/core/feature-map.ts";
import { deleteMap, loadMap, saveMap } from "../../src/storage/map-store.ts";

const sae = (id: string) => ({ id, name: id, hook: "blocks.0.hook_resid_post" });
const map: FeatureMap = {
  saes: [sae("a"), sae("b")],
  recipe: { most: null, seed: 1, with: ["b"] },
  features: Uint32Array.of(3, 7, 3),
  of: Uint8Array.of(0, 0, 1),
  densities: Float32Array.of(0.1, 1e-5, NaN),
  points: Float32Array.of(1, 2, 3, 4, 5, 6),
};

it("is kept with each autoencoder on it", async () => {
  await saveMap(map);
  expect(await loadMap("a")).toEqual(map);
  expect(await loadMap("b")).toEqual(map);
  await deleteMap("b");
  expect(await loadMap("b")).toBeNull();
  expect(await loadMap("a")).toEqual(map);
});

it("is none where what is kept is of another version, or damaged", async () => {
  const db = await openDB("glassroom-maps");
  const { saes, of, ...earlier } = map;
  for (const value of [
    earlier,
    { ...map, of: Uint8Array.of(0, 0, 2) },
    { ...map, points: Float32Array.of(1, 2, 3, 4, 5, NaN) },
    { ...map, saes: [...saes, { id: 5 }], of },
    null,
  ]) {
    await db.put("maps", value, "odd");
    expect(await loadMap("odd")).toBeNull();
  }
  db.close();
});
