/** Edited models in the browser's IndexedDB: their lists of edits, and apart from them what was tuned. */
import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import { LabError } from "../core/lab-error.ts";
import type { EditedModel } from "../core/model-edit.ts";
import type { Delta } from "../core/weight-parts.ts";
import { readDelta, readEditedModel } from "../formats/edited-model.ts";
import { storageError } from "./storage-error.ts";

interface Schema extends DBSchema {
  models: { key: string; value: EditedModel };
  tuned: { key: string; value: Delta[] };
}
const STORES = ["models", "tuned"] as const;

async function withEdited<T>(
  bytes: number,
  work: (db: IDBPDatabase<Schema>) => Promise<T>,
): Promise<T> {
  let db: IDBPDatabase<Schema> | null = null;
  try {
    db = await openDB<Schema>("glassroom-edited-models", 1, {
      upgrade: (made) => STORES.forEach((store) => void made.createObjectStore(store)),
    });
    return await work(db);
  } catch (e) {
    throw storageError(e, bytes);
  } finally {
    db?.close();
  }
}

/** Newest first. A record that is none any more is left out. */
export const listEdited = (): Promise<EditedModel[]> =>
  withEdited(0, async (db) => {
    const all: unknown[] = await db.getAll("models");
    const sound = all.flatMap((value) => {
      try {
        return [readEditedModel(value)];
      } catch {
        return [];
      }
    });
    return sound.sort((a, b) => b.savedAt.localeCompare(a.savedAt));
  });

export const saveEdited = (model: EditedModel): Promise<void> =>
  withEdited(0, async (db) => void (await db.put("models", model, model.id)));

export const saveTuned = (id: string, deltas: readonly Delta[]): Promise<void> =>
  withEdited(
    deltas.reduce((sum, { values }) => sum + values.byteLength, 0),
    async (db) => void (await db.put("tuned", [...deltas], id)),
  );

/** @throws LabError "not-found" */
export const loadTuned = (id: string): Promise<Delta[]> =>
  withEdited(0, async (db) => {
    const value: unknown = await db.get("tuned", id);
    if (Array.isArray(value)) return value.map((part, i) => readDelta(part, `${id}[${i}]`));
    throw new LabError(
      "not-found",
      "this browser does not keep the numbers of a fine-tuning of this list any more: take it out of the list and tune again",
    );
  });

/** With what was tuned for it, `tuned`. */
export const deleteEdited = (id: string, tuned: readonly string[]): Promise<void> =>
  withEdited(0, async (db) => {
    const transaction = db.transaction(STORES, "readwrite");
    await Promise.all([
      transaction.objectStore("models").delete(id),
      ...tuned.map((each) => transaction.objectStore("tuned").delete(each)),
      transaction.done,
    ]);
  });
