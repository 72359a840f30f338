/** Circuits that were found, the search that is under way, the last tests and other answers, in the browser's IndexedDB. */
import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import { type AcdcSearch, isAcdcSearch } from "../core/acdc.ts";
import { type FoundCircuit, isFoundCircuit } from "../core/found-circuit.ts";
import { isKeptTest, type KeptTest } from "../core/verify.ts";
import {
  type AnswerKind,
  ANSWERS_KEPT,
  isKeptAnswer,
  type KeptAnswer,
} from "../core/kept-answer.ts";
import { storageError } from "./storage-error.ts";

interface Schema extends DBSchema {
  circuits: { key: string; value: FoundCircuit };
  searches: { key: string; value: AcdcSearch };
  tests: { key: string; value: KeptTest };
  /** By kind and key. */
  answers: { key: [AnswerKind, string]; value: KeptAnswer };
}
const STORES = ["circuits", "searches", "tests", "answers"] as const;
const NAME = "glassroom-circuits";

/** Opened for each use: circuits are small and rarely written. */
async function withCircuits<T>(
  bytes: number,
  work: (db: IDBPDatabase<Schema>) => Promise<T>,
): Promise<T> {
  let db: IDBPDatabase<Schema> | null = null;
  try {
    db = await openDB<Schema>(NAME, 4, {
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

const ofKind = (kind: AnswerKind) => IDBKeyRange.bound([kind], [kind, []]); // arrays sort after texts
const oldestFirst = (all: readonly unknown[]): KeptAnswer[] =>
  all.filter(isKeptAnswer).sort((a, b) => a.savedAt.localeCompare(b.savedAt));

/** Oldest first. */
export const listAnswers = (kind: AnswerKind): Promise<KeptAnswer[]> =>
  withCircuits(0, async (db) => oldestFirst(await db.getAll("answers", ofKind(kind))));

/** In the place of one of the same kind and key; the oldest of the kind give way. @throws LabError "quota" */
export const saveAnswer = (answer: KeptAnswer): Promise<void> =>
  withCircuits(answerBytes(answer), async (db) => {
    const { kind, key } = answer;
    const { store, done } = db.transaction("answers", "readwrite");
    await store.put(answer, [kind, key]);
    const count = await store.count(ofKind(kind));
    if (count > ANSWERS_KEPT[kind]) {
      const all = oldestFirst(await store.getAll(ofKind(kind)));
      const old = all.slice(0, count - ANSWERS_KEPT[kind]);
      await Promise.all(old.map((each) => store.delete([kind, each.key])));
    }
    await done;
  });

/** About. */
function answerBytes({ kind, value }: KeptAnswer): number {
  if (kind === "graph") return value.length * 2;
  if (kind !== "patch" && kind !== "preview" && kind !== "path") return 1e5;
  return value.values.reduce((sum, { byteLength }) => sum + byteLength, 0);
}
