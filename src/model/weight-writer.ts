/** Writes a model's weights into the cache while they come, part by part, so that a broken download can go on later. */
import type { CachedRecord, CachedTexts, ModelCache } from "./model-cache.ts";

export interface WeightWriter {
  /** Hands over what there is of a file; full parts (and at the file's end the last one) are written in the background. */
  offer(file: number, bytes: Uint8Array<ArrayBuffer>, filled: number): void;
  /** Waits for what is being written. A part of a model stays, so that its download can go on later. */
  leave(): Promise<void>;
  /** Waits, and marks the model as complete. @throws whatever storage said, if anything could not be written */
  commit(): Promise<void>;
  /** Removes all that was written. */
  discard(): Promise<void>;
}

/** @param written how many parts of each file are there already */
export function openWriter(
  cache: ModelCache,
  record: CachedRecord,
  texts: CachedTexts,
  written: readonly number[],
): WeightWriter {
  const next = [...written];
  let begun = written.some((parts) => parts > 0);
  let failure: { cause: unknown } | null = null;
  // One after the other, so that at most one part is held a second time.
  let writing = Promise.resolve();
  const then = (work: () => Promise<void>) => {
    writing = writing.then(async () => {
      if (failure) return;
      await work().catch((cause: unknown) => {
        failure = { cause };
      });
    });
  };
  const { partBytes, files } = record;
  const severalParts = files.reduce((sum, { bytes }) => sum + bytes, 0) > partBytes;
  const discard = async () => {
    failure ??= { cause: null }; // parts that wait are not written any more
    await writing;
    await cache.forget(record);
  };
  return {
    discard,
    offer(file, bytes, filled) {
      const total = files[file]!.bytes;
      for (; ; next[file]!++) {
        const part = next[file]!;
        const end = Math.min((part + 1) * partBytes, total);
        if (part * partBytes >= total || end > filled) return;
        // The record comes with the first part: a small model leaves nothing behind until it is complete.
        const first = !begun;
        begun = true;
        then(async () => {
          if (first && severalParts) await cache.put({ ...record, complete: false }, texts);
          await cache.putPart(record, file, part, bytes.subarray(part * partBytes, end));
        });
      }
    },
    leave: () => (severalParts ? writing : discard()),
    async commit() {
      await writing;
      if (failure) throw failure.cause;
      await cache.put({ ...record, complete: true }, texts);
    },
  };
}
