/** Circuits that were found, the search that is under way, and the last tests, in the browser's IndexedDB. */
import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import { type AcdcSearch, isAcdcSearch } from "../core/acdc.ts";
import { type FoundCircuit, isFoundCircuit } from "../core/found-circuit.ts";
import { isKeptTest, type KeptTest } from "../core/verify.ts";
import { storageError } from "./storage-error.ts";

interface Schema extends DBSchema {
  circuits: { key: string; value: FoundCircuit };
  searches: { key: string; value: AcdcSearch };
  tests: { key: string; value: KeptTest };
}
const STORES = ["circuits", "searches", "tests"] as const;
const NAME = "glassroom-circuits";

/** Opened for each use: circuits are small and rarely written. */
async function withCircuits<T>(
  bytes: number,
  work: (db: IDBPDatabase<Schema>) => Promise<T>,
): Promise<T> {
  let db: IDBPDatabase<Schema> | null = null;
  try {
    db = await openDB<Schema>(NAME, 3, {
      upgrade: (made) => {
        for (const store of STORES) {
          if (!made.objectStoreNames.contains(store)) made.createObjectStore(store);
        }
      },
    });
    return await work(db);
  } catch (e) {
    throw storageError(e, bytes);
  } finally {
    db?.close();
  }
}

/** Newest first. What is none any more, of another version or damaged, is left out. */
export const listCircuits = (): Promise<FoundCircuit[]> =>
  withCircuits(0, async (db) => {
    const all: unknown[] = await db.getAll("circuits");
    return all.filter(isFoundCircuit).sort((a, b) => b.savedAt.localeCompare(a.savedAt));
  });

/** @throws LabError "quota" */
export const saveCircuit = (circuit: FoundCircuit): Promise<void> =>
  withCircuits(circuit.mask.length * 9, async (db) => {
    await db.put("circuits", circuit, circuit.id);
  });

export const deleteCircuit = (id: string): Promise<void> =>
  withCircuits(0, (db) => db.delete("circuits", id));

/** There is one at a time. */
const SEARCH = "acdc";

export const loadSearch = (): Promise<AcdcSearch | null> =>
  withCircuits(0, async (db) => {
    const kept: unknown = await db.get("searches", SEARCH);
    return isAcdcSearch(kept) ? kept : null;
  });

/** @param search null: there is none any more */
export const saveSearch = (search: AcdcSearch | null): Promise<void> =>
  withCircuits((search?.state.mask.length ?? 0) * 9, async (db) => {
    if (search) await db.put("searches", search, SEARCH);
    else await db.delete("searches", SEARCH);
  });

const TESTS = 8;

/** Oldest first. */
export const listTests = (): Promise<KeptTest[]> =>
  withCircuits(0, async (db) => {
    const all: unknown[] = await db.getAll("tests");
    return all.filter(isKeptTest).sort((a, b) => a.savedAt.localeCompare(b.savedAt));
  });

/** In the place of one of the same key; the oldest give way. @throws LabError "quota" */
export const saveTest = (test: KeptTest): Promise<void> =>
  withCircuits(test.found.length * test.asked.question.pairs.length * 24, async (db) => {
    const { store, done } = db.transaction("tests", "readwrite");
    await store.put(test, test.key);
    const kept = (await store.getAll()).sort((a, b) => b.savedAt.localeCompare(a.savedAt));
    await Promise.all(kept.slice(TESTS).map(({ key }) => store.delete(key)));
    await done;
  });
