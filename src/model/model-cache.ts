/**
 * Models from the Hub, kept in the browser's Cache API so that a second load needs no network.
 * The weights lie there in parts: each is written while the next one downloads, and a single tensor can be read again
 * without the rest. The record with the small files is written last: without it there is no model, so that a download
 * that broke off is never taken for a whole one.
 */
import { freeMemory } from "./free-memory.ts";
import { throwIfCancelled } from "./load-context.ts";
import type { ReportBytes } from "./rate-meter.ts";

/** The version changes with the layout of what is stored. */
export const MODEL_CACHE = "glassroom-models-v1";
const PART_BYTES = 2 ** 25;

/** Everything but the weights. */
export interface CachedRecord {
  configJson: string;
  tokenizerJson: string;
  tokenizerConfig: string | null;
  commit: string | null;
  weightFile: string;
  weightBytes: number;
  partBytes: number;
}
export interface CachedModel {
  record: CachedRecord;
  weights(report: ReportBytes, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
  read(begin: number, end: number): Promise<Uint8Array>;
}
export interface CacheWriter {
  /** Hands over what has come of the weights; full parts are written in the background. */
  offer(bytes: Uint8Array<ArrayBuffer>, filled: number): void;
  /** Writes the rest and the record. @throws whatever storage said, if any part could not be written */
  commit(bytes: Uint8Array<ArrayBuffer>, record: Omit<CachedRecord, "partBytes">): Promise<void>;
  /** Removes all that was written. */
  discard(): Promise<void>;
}

/** A part that the browser has thrown away since: then the whole model must be fetched again. */
export class CacheGap extends Error {}

const recordUrl = (model: URL) => new URL("glassroom-record.json", model).href;
const partUrl = (model: URL, part: number) => new URL(`glassroom-part-${part}`, model).href;

/** The cache itself; null where the browser has none (a page that is not served securely). */
async function openCache(): Promise<Cache | null> {
  return typeof caches === "undefined" ? null : caches.open(MODEL_CACHE).catch(() => null);
}

/** @param model the URL of the model's folder, revision included */
export async function openCached(model: URL): Promise<CachedModel | null> {
  const cache = await openCache();
  const stored = await cache?.match(recordUrl(model));
  if (!cache || !stored) return null;
  const record = (await stored.json().catch(() => null)) as CachedRecord | null;
  if (!record) return null;
  const { weightBytes, partBytes } = record;
  const readPart = async (part: number): Promise<Blob> => {
    const begin = part * partBytes;
    const blob = await (await cache.match(partUrl(model, part)))?.blob();
    if (blob?.size === Math.min(partBytes, weightBytes - begin)) return blob;
    throw new CacheGap(`part ${part} of ${model.href}`);
  };
  const into = async (target: Uint8Array, begin: number, report?: ReportBytes) => {
    let at = begin;
    const end = begin + target.length;
    while (at < end) {
      const part = Math.floor(at / partBytes);
      const stop = Math.min(end, (part + 1) * partBytes);
      const blob = (await readPart(part)).slice(at - part * partBytes, stop - part * partBytes);
      const bytes = new Uint8Array(await blob.arrayBuffer());
      target.set(bytes, at - begin);
      freeMemory(bytes);
      at = stop;
      report?.(at, weightBytes);
    }
  };
  return {
    record,
    async weights(report, signal) {
      const bytes = new Uint8Array(weightBytes);
      report(0, weightBytes);
      await into(bytes, 0, (loaded, total) => {
        throwIfCancelled(signal);
        report(loaded, total);
      });
      return bytes;
    },
    async read(begin, end) {
      const bytes = new Uint8Array(end - begin);
      await into(bytes, begin);
      return bytes;
    },
  };
}

/** Null where the browser has no cache. */
export async function writeCached(model: URL): Promise<CacheWriter | null> {
  const cache = await openCache();
  if (!cache) return null;
  const state: { parts: number; failure?: { cause: unknown } } = { parts: 0 };
  // One after the other, so that at most one part is held a second time.
  let writing = Promise.resolve();
  const put = (bytes: Uint8Array<ArrayBuffer>, end: number) => {
    const part = state.parts++;
    writing = writing.then(async () => {
      if (state.failure) return;
      try {
        await cache.put(partUrl(model, part), new Response(bytes.subarray(part * PART_BYTES, end)));
      } catch (cause) {
        state.failure = { cause };
      }
    });
  };
  const offer = (bytes: Uint8Array<ArrayBuffer>, filled: number) => {
    while ((state.parts + 1) * PART_BYTES <= filled) put(bytes, (state.parts + 1) * PART_BYTES);
  };
  return {
    offer,
    async commit(bytes, record) {
      offer(bytes, bytes.length);
      if (state.parts * PART_BYTES < bytes.length) put(bytes, bytes.length);
      await writing;
      if (state.failure) throw state.failure.cause;
      const whole: CachedRecord = { ...record, partBytes: PART_BYTES };
      await cache.put(recordUrl(model), Response.json(whole));
    },
    async discard() {
      state.failure ??= { cause: null }; // parts that wait are not written any more
      await writing;
      await forget(model, cache);
    },
  };
}

/** Takes a model out of the cache. */
export async function forgetCached(model: URL): Promise<void> {
  const cache = await openCache();
  if (cache) await forget(model, cache);
}

async function forget(model: URL, cache: Cache): Promise<void> {
  await cache.delete(recordUrl(model));
  const all = await cache.keys();
  await Promise.all(
    all
      .filter(({ url }) => url.startsWith(partUrl(model, 0).slice(0, -1)))
      .map((r) => cache.delete(r)),
  );
}
