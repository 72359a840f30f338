/** Maps of features in the browser's IndexedDB, one an SAE; a map of several is kept with each of them. */
import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { FeatureMap } from "../core/feature-map.ts";

interface Schema extends DBSchema {
  maps: { key: string; value: FeatureMap };
}
const NAME = "glassroom-maps";

/** Opened for each use: a map is small and rarely written. */
async function withMaps<T>(work: (db: IDBPDatabase<Schema>) => Promise<T>): Promise<T> {
  const db = await openDB<Schema>(NAME, 1, {
    upgrade: (made) => void made.createObjectStore("maps"),
  });
  try {
    return await work(db);
  } finally {
    db.close();
  }
}

/** null if there is none, or it is not what a map is now. */
export const loadMap = (saeId: string): Promise<FeatureMap | null> =>
  withMaps(async (db) => {
    const found: unknown = await db.get("maps", saeId);
    return isMap(found) ? found : null;
  });

export const saveMap = (map: FeatureMap): Promise<void> =>
  withMaps(async (db) => {
    for (const { id } of map.saes) await db.put("maps", map, id);
  });

export const deleteMap = (saeId: string): Promise<void> =>
  withMaps((db) => db.delete("maps", saeId));

export function isMap(value: unknown): value is FeatureMap {
  if (typeof value !== "object" || value === null) return false;
  const { saes, recipe, features, of, densities, points } = value as Record<string, unknown>;
  return (
    Array.isArray(saes) &&
    saes.every(isMapped) &&
    typeof recipe === "object" &&
    recipe !== null &&
    features instanceof Uint32Array &&
    of instanceof Uint8Array &&
    of.length === features.length &&
    of.every((s) => s < saes.length) &&
    densities instanceof Float32Array &&
    densities.length === features.length &&
    points instanceof Float32Array &&
    points.length === 2 * features.length &&
    points.every(Number.isFinite)
  );
}

const isMapped = (value: unknown): boolean =>
  typeof value === "object" &&
  value !== null &&
  ["id", "name", "hook"].every(
    (key) => typeof (value as Record<string, unknown>)[key] === "string",
  );
