/** Circuits that were found, in the browser's IndexedDB. */
import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import { type FoundCircuit, isFoundCircuit } from "../core/found-circuit.ts";
import { storageError } from "./storage-error.ts";

interface Schema extends DBSchema {
  circuits: { key: string; value: FoundCircuit };
}
const NAME = "glassroom-circuits";

/** Opened for each use: circuits are small and rarely written. */
async function withCircuits<T>(
  bytes: number,
  work: (db: IDBPDatabase<Schema>) => Promise<T>,
): Promise<T> {
  let db: IDBPDatabase<Schema> | null = null;
  try {
    db = await openDB<Schema>(NAME, 1, {
      upgrade: (made) => void made.createObjectStore("circuits"),
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
