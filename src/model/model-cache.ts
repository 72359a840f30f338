/**
 * Models from the Hub, kept in the browser's Cache API so that a second load needs no network.
 * A model lies under the address of its commit: a record, the small files, and the weights in parts. Each part is
 * written while the next one downloads, so that a download that broke off goes on where it ended, also in another
 * visit, and a single tensor can be read again without the rest. The record says whether all parts are there.
 */
import type { KeptModel } from "../core/storage-report.ts";

/** The version changes with the layout of what is stored. */
export const MODEL_CACHE = "glassroom-models-v2";
const OLD_CACHES = ["glassroom-models-v1"];
export const PART_BYTES = 2 ** 24;

/** One weight file as it is kept: rounded to float16 it is smaller than the one it was made of. */
export interface CachedFile {
  name: string;
  bytes: number;
  /** The server's `entityTag` of the original. */
  tag: string | null;
}
export interface CachedRecord {
  hub: string;
  id: string;
  commit: string | null;
  /** The branches and tags that it was asked for by. */
  revisions: string[];
  files: CachedFile[];
  partBytes: number;
  rounded: boolean;
  complete: boolean;
  /** ISO 8601 */
  savedAt: string;
}
/** The small files, apart from the record because the tokenizer takes megabytes. */
export interface CachedTexts {
  configJson: string;
  tokenizerJson: string;
  tokenizerConfig: string | null;
}

const RECORD = "glassroom-record.json";
const TEXTS = "glassroom-texts.json";

/** The address of a model's files on its Hub. */
export const folderOf = (hub: string, id: string, revision: string): URL =>
  new URL(`${id}/resolve/${encodeURIComponent(revision)}/`, hub);

export interface ModelCache {
  /** The model that is kept for a revision; a branch's may be older than the Hub's. */
  find(hub: string, id: string, revision: string): Promise<CachedRecord | null>;
  list(): Promise<CachedRecord[]>;
  put(record: CachedRecord, texts?: CachedTexts): Promise<void>;
  texts(record: CachedRecord): Promise<CachedTexts | null>;
  /** A part of a file; null where it is missing or has not the size that it must have. */
  part(record: CachedRecord, file: number, part: number): Promise<Blob | null>;
  putPart(record: CachedRecord, file: number, part: number, bytes: Uint8Array): Promise<void>;
  /** Bytes of its weights that are here. */
  keptBytes(record: CachedRecord): Promise<number>;
  /** Takes a model out, with all its parts. */
  forget(record: CachedRecord): Promise<void>;
}

let swept = false;

/** Null where the browser has no cache (a page that is not served securely), or lets nobody use it. */
export async function openModelCache(): Promise<ModelCache | null> {
  if (typeof caches === "undefined") return null;
  const cache = await caches.open(MODEL_CACHE).catch(() => null);
  if (!cache) return null;
  if (!swept) {
    swept = true;
    for (const name of OLD_CACHES) void caches.delete(name).catch(() => false);
  }
  return over(cache);
}

function over(cache: Cache): ModelCache {
  const urls = async () => (await cache.keys()).map(({ url }) => url);
  const json = async <T>(url: string): Promise<T | null> => {
    const stored = await cache.match(url);
    return ((await stored?.json().catch(() => null)) as T | null | undefined) ?? null;
  };
  const records = async (prefix = "") => {
    const found = (await urls()).filter((url) => url.startsWith(prefix) && url.endsWith(RECORD));
    const read = await Promise.all(found.map((url) => json<CachedRecord>(url)));
    return read.filter((record) => record !== null);
  };
  const part: ModelCache["part"] = async (record, file, index) => {
    const blob = await (await cache.match(partUrl(record, file, index)))?.blob();
    return blob?.size === partSize(record, file, index) ? blob : null;
  };
  return {
    find: async (hub, id, revision) =>
      (await records(new URL(`${id}/resolve/`, hub).href)).find(
        ({ revisions, commit }) => commit === revision || revisions.includes(revision),
      ) ?? null,
    list: () => records(),
    async put(record, texts) {
      if (texts) await cache.put(at(record, TEXTS), Response.json(texts));
      await cache.put(at(record, RECORD), Response.json(record));
    },
    texts: (record) => json(at(record, TEXTS)),
    part,
    putPart: (record, file, index, bytes) =>
      cache.put(partUrl(record, file, index), new Response(bytes as Uint8Array<ArrayBuffer>)),
    async keptBytes(record) {
      const there = new Set(await urls());
      let bytes = 0;
      record.files.forEach((_, file) => {
        for (let i = 0; i < partCount(record, file); i++) {
          if (there.has(partUrl(record, file, i))) bytes += partSize(record, file, i);
        }
      });
      return bytes;
    },
    async forget(record) {
      await cache.delete(at(record, RECORD)); // first: without it the rest is nothing
      const prefix = at(record, "glassroom-");
      const mine = (await urls()).filter((url) => url.startsWith(prefix));
      await Promise.all(mine.map((url) => cache.delete(url)));
    },
  };
}

/** A model that no server names the commit of lies under its revision. */
export const recordFolder = ({ hub, id, commit, revisions }: CachedRecord): URL =>
  folderOf(hub, id, commit ?? revisions[0] ?? "main");
const at = (record: CachedRecord, name: string) => new URL(name, recordFolder(record)).href;
const partUrl = (record: CachedRecord, file: number, part: number) =>
  at(record, `glassroom-part-${file}-${part}`);

export const partCount = ({ files, partBytes }: CachedRecord, file: number): number =>
  Math.ceil(files[file]!.bytes / partBytes);
const partSize = ({ files, partBytes }: CachedRecord, file: number, part: number): number =>
  Math.min(partBytes, files[file]!.bytes - part * partBytes);

/** For the storage panel. */
export async function keptModels(cache: ModelCache): Promise<KeptModel[]> {
  const records = await cache.list();
  const kept = await Promise.all(
    records.map(async (record): Promise<KeptModel> => {
      const { id, hub, revisions, commit, complete, rounded, savedAt, files } = record;
      const key = recordFolder(record).href;
      const totalBytes = files.reduce((sum, { bytes }) => sum + bytes, 0);
      const bytes = await cache.keptBytes(record);
      return { key, id, hub, revisions, commit, bytes, totalBytes, complete, rounded, savedAt };
    }),
  );
  return kept.sort((a, b) => b.savedAt.localeCompare(a.savedAt));
}
