/** Reads the weights of a kept model out of their parts. */
import { headerEnd } from "../formats/safetensors.ts";
import { freeMemory } from "./free-memory.ts";
import { Gathered } from "./gathered.ts";
import { throwIfCancelled } from "./load-context.ts";
import type { CachedRecord, ModelCache } from "./model-cache.ts";
import type { FileStart } from "./preview.ts";
import type { ReportBytes } from "./rate-meter.ts";

/** A part that the browser has thrown away since: then the whole model must be fetched again. */
export class CacheGap extends Error {}

/** All weight files, in the record's order. @throws CacheGap */
export async function readWeights(
  cache: ModelCache,
  record: CachedRecord,
  report: ReportBytes,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>[]> {
  const total = record.files.reduce((sum, { bytes }) => sum + bytes, 0);
  const whole: Uint8Array<ArrayBuffer>[] = [];
  let before = 0;
  report(0, total);
  for (const [file, { bytes, name }] of record.files.entries()) {
    const body = new Gathered(bytes, name);
    await copyParts(cache, record, file, 0, bytes, (piece) => {
      throwIfCancelled(signal);
      body.push(piece);
      report(before + body.length, total);
    });
    before += bytes;
    whole.push(body.whole());
  }
  return whole;
}

/** Bytes `begin` to `end` of one file. @throws CacheGap */
export async function readPiece(
  cache: ModelCache,
  record: CachedRecord,
  file: number,
  begin: number,
  end: number,
): Promise<Uint8Array> {
  const body = new Gathered(end - begin, record.files[file]!.name);
  await copyParts(cache, record, file, begin, end, (piece) => body.push(piece));
  return body.whole();
}

async function copyParts(
  cache: ModelCache,
  record: CachedRecord,
  file: number,
  begin: number,
  end: number,
  take: (piece: Uint8Array) => void,
): Promise<void> {
  const { partBytes } = record;
  for (let at = begin; at < end;) {
    const part = Math.floor(at / partBytes);
    const stop = Math.min(end, (part + 1) * partBytes);
    const blob = await cache.part(record, file, part);
    if (!blob) throw new CacheGap(`part ${part} of ${record.files[file]!.name}`);
    const from = part * partBytes;
    const bytes = new Uint8Array(await blob.slice(at - from, stop - from).arrayBuffer());
    take(bytes);
    freeMemory(bytes);
    at = stop;
  }
}

/** The beginning of each weight file, with its header; null if it is not all there. */
export async function readStarts(
  cache: ModelCache,
  record: CachedRecord,
): Promise<FileStart[] | null> {
  const starts: FileStart[] = [];
  for (const [file, { name, bytes }] of record.files.entries()) {
    try {
      const length = await readPiece(cache, record, file, 0, 8);
      const end = headerEnd(length, bytes, name);
      starts.push({ name, start: await readPiece(cache, record, file, 0, end), size: bytes });
    } catch (e) {
      if (e instanceof CacheGap) return null;
      throw e;
    }
  }
  return starts;
}
