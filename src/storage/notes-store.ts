/**
 * What is said of features, in the browser's IndexedDB: a record a feature, so that a word changed among 24,576 labels writes
 * one; and a record an SAE for its lists. Shipped SAEs have theirs too.
 */
import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { FeatureList, FeatureNote, SaeNotes } from "../core/feature-notes.ts";
import { LabError, toLabError } from "../core/lab-error.ts";
import { NoteReader } from "../formats/note-reader.ts";
import { abort } from "./abort.ts";

interface Schema extends DBSchema {
  features: { key: [saeId: string, feature: number]; value: FeatureNote };
  lists: { key: string; value: FeatureList[] };
}
const NAME = "glassroom-notes";

export interface NotesChange {
  /** null: nothing is said of it any more. */
  features: readonly (readonly [feature: number, note: FeatureNote | null])[];
  /** null: as they are. */
  lists: readonly FeatureList[] | null;
}

async function withNotes<T>(work: (db: IDBPDatabase<Schema>) => Promise<T>): Promise<T> {
  const db = await openDB<Schema>(NAME, 1, {
    upgrade: (made) => {
      made.createObjectStore("features");
      made.createObjectStore("lists");
    },
  }).catch((e: unknown) => {
    throw storageError(e);
  });
  try {
    return await work(db);
  } catch (e) {
    throw storageError(e);
  } finally {
    db.close();
  }
}

const featuresOf = (saeId: string) => IDBKeyRange.bound([saeId, 0], [saeId, Infinity]);

/** A record that is none any more, of another version or damaged, is left out: it costs one note, not all. */
export const loadNotes = (saeId: string, dSae: number): Promise<SaeNotes> =>
  withNotes(async (db) => {
    const range = featuresOf(saeId);
    const [keys, values, lists] = await Promise.all([
      db.getAllKeys("features", range),
      db.getAll("features", range),
      db.get("lists", saeId),
    ]);
    const read = new NoteReader("what is stored");
    const sound = <T>(make: () => T): T[] => {
      try {
        return [make()];
      } catch {
        return [];
      }
    };
    const pairs = keys.flatMap(([, feature], i) =>
      feature < dSae ? sound(() => [feature, read.note(values[i], "a note")] as const) : [],
    );
    return {
      features: new Map(pairs),
      lists: (lists ?? []).flatMap((list) => sound(() => read.featureList(list, dSae, "a list"))),
    };
  });

/** All of it or nothing. @throws LabError "quota", "internal" */
export const saveNotes = (saeId: string, { features, lists }: NotesChange): Promise<void> =>
  withNotes(async (db) => {
    const transaction = db.transaction(["features", "lists"], "readwrite");
    const requests: Promise<unknown>[] = [transaction.done];
    try {
      const store = transaction.objectStore("features");
      for (const [feature, note] of features) {
        const key: [string, number] = [saeId, feature];
        requests.push(note === null ? store.delete(key) : store.put(note, key));
      }
      if (lists) requests.push(transaction.objectStore("lists").put([...lists], saeId));
      await Promise.all(requests);
    } catch (e) {
      abort(transaction);
      await Promise.allSettled(requests); // each of them fails with the transaction: none may go unheard
      throw e;
    }
  });

export const deleteNotes = (saeId: string): Promise<void> =>
  withNotes(async (db) => {
    const transaction = db.transaction(["features", "lists"], "readwrite");
    await Promise.all([
      transaction.objectStore("features").delete(featuresOf(saeId)),
      transaction.objectStore("lists").delete(saeId),
      transaction.done,
    ]);
  });

function storageError(e: unknown): LabError {
  const { code, message } = toLabError(e);
  if (e instanceof LabError || code === "quota") {
    return e instanceof LabError ? e : new LabError("quota", message, { cause: e });
  }
  return new LabError(
    "internal",
    `the browser's storage cannot be used (${message}); labels and lists are lost when this page closes: export them before`,
    { cause: e },
  );
}
