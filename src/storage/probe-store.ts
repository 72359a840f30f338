/** One's own labelled texts, and the last probes that were fitted, in the browser's IndexedDB. */
import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { KeptProbes, ProbeResult } from "../core/probe.ts";

interface Schema extends DBSchema {
  kept: { key: keyof KeptProbes; value: KeptProbes[keyof KeptProbes] };
}
const NAME = "glassroom-probes";

/** Opened for each use: it is rarely written. */
async function withProbes<T>(work: (db: IDBPDatabase<Schema>) => Promise<T>): Promise<T> {
  const db = await openDB<Schema>(NAME, 1, {
    upgrade: (made) => void made.createObjectStore("kept"),
  });
  try {
    return await work(db);
  } finally {
    db.close();
  }
}

/** What is damaged, or of another version, is left out. */
export const loadProbes = (): Promise<KeptProbes> =>
  withProbes(async (db) => {
    const own: unknown = await db.get("kept", "own");
    const last: unknown = await db.get("kept", "last");
    return { own: isOwn(own) ? own : null, last: isLast(last) ? last : null };
  });

export const keepProbes = (kept: Partial<KeptProbes>): Promise<void> =>
  withProbes(async (db) => {
    const transaction = db.transaction("kept", "readwrite");
    await Promise.all([
      ...(kept.own === undefined ? [] : [transaction.store.put(kept.own, "own")]),
      ...(kept.last === undefined ? [] : [transaction.store.put(kept.last, "last")]),
      transaction.done,
    ]);
  });

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;

const isOwn = (value: unknown): value is NonNullable<KeptProbes["own"]> =>
  isObject(value) && typeof value["name"] === "string" && typeof value["text"] === "string";

export const isLast = (value: unknown): value is NonNullable<KeptProbes["last"]> =>
  isObject(value) &&
  typeof value["key"] === "string" &&
  typeof value["modelId"] === "string" &&
  isObject(value["question"]) &&
  Array.isArray(value["results"]) &&
  value["results"].every(isResult);

function isResult(value: unknown): value is ProbeResult {
  if (!isObject(value)) return false;
  const { place, scores, directions, wrong, width } = value;
  return (
    isObject(place) &&
    isObject(scores) &&
    Array.isArray(scores["shuffled"]) &&
    (scores["kind"] === "numbers"
      ? Number.isFinite(scores["r2"])
      : Number.isFinite(scores["accuracy"]) &&
        Array.isArray(scores["classes"]) &&
        scores["confusion"] instanceof Float64Array) &&
    Array.isArray(wrong) &&
    Array.isArray(directions) &&
    directions.every(
      (one) => isObject(one) && one["unit"] instanceof Float32Array && one["unit"].length === width,
    )
  );
}
