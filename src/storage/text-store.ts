/** The user's texts in the browser's IndexedDB: the text as a blob, which lies on the disk, and where its pieces end. */
import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { KeptText } from "../core/kept-text.ts";
import { LabError } from "../core/lab-error.ts";
import { storageError } from "./storage-error.ts";

export interface StoredText {
  text: KeptText;
  /** UTF-8 */
  blob: Blob;
  /** Byte after each piece, rising. */
  ends: Float64Array;
}
interface Schema extends DBSchema {
  texts: { key: string; value: KeptText };
  contents: { key: string; value: Pick<StoredText, "blob" | "ends"> };
}
const NAME = "glassroom-texts";
const STORES = ["texts", "contents"] as const;

/** Opened for each use: texts are rarely asked for. */
async function withTexts<T>(
  bytes: number,
  work: (db: IDBPDatabase<Schema>) => Promise<T>,
): Promise<T> {
  let db: IDBPDatabase<Schema> | null = null;
  try {
    db = await openDB<Schema>(NAME, 1, {
      upgrade: (made) => STORES.forEach((store) => void made.createObjectStore(store)),
    });
    return await work(db);
  } catch (e) {
    throw storageError(e, bytes);
  } finally {
    db?.close();
  }
}

/** In the order in which they were added. A record that is none any more is left out. */
export const listTexts = (): Promise<KeptText[]> =>
  withTexts(0, async (db) => {
    const all: unknown[] = await db.getAll("texts");
    return all.filter(isKeptText).sort((a, b) => a.addedAt.localeCompare(b.addedAt));
  });

/** @throws LabError "quota" */
export const saveText = ({ text, blob, ends }: StoredText): Promise<void> =>
  withTexts(blob.size, async (db) => {
    const transaction = db.transaction(STORES, "readwrite");
    await Promise.all([
      transaction.objectStore("texts").put(text, text.id),
      transaction.objectStore("contents").put({ blob, ends }, text.id),
      transaction.done,
    ]);
  });

/** null if there is none */
export const loadText = (id: string): Promise<StoredText | null> =>
  withTexts(0, async (db) => {
    const text: unknown = await db.get("texts", id);
    const content: unknown = await db.get("contents", id);
    if (!isKeptText(text) || !isContent(content)) return null;
    return { text, ...content };
  });

/** @throws LabError "not-found" */
export const deleteText = (id: string): Promise<void> =>
  withTexts(0, async (db) => {
    if ((await db.getKey("texts", id)) === undefined) {
      throw new LabError("not-found", `no text with id "${id}" is kept here`);
    }
    const transaction = db.transaction(STORES, "readwrite");
    await Promise.all([
      ...STORES.map((store) => transaction.objectStore(store).delete(id)),
      transaction.done,
    ]);
  });

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;

export const isKeptText = (value: unknown): value is KeptText =>
  isObject(value) &&
  [value["id"], value["name"], value["addedAt"]].every((v) => typeof v === "string") &&
  [value["bytes"], value["characters"], value["pieces"]].every(Number.isSafeInteger) &&
  Array.isArray(value["warnings"]) &&
  (value["tokens"] === null || isObject(value["tokens"]));

const isContent = (value: unknown): value is Pick<StoredText, "blob" | "ends"> =>
  isObject(value) && value["blob"] instanceof Blob && value["ends"] instanceof Float64Array;
