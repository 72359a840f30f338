/** A checkpoint out of the browser's cache, without any request. */
import { LabError } from "../core/lab-error.ts";
import type { HubSource } from "../core/model-source.ts";
import { CacheGap, readPiece, readWeights } from "./cached-weights.ts";
import { type Checkpoint, assemble } from "./checkpoint.ts";
import type { LoadContext } from "./load-context.ts";
import type { CachedRecord, ModelCache } from "./model-cache.ts";
import { preview } from "./preview.ts";
import { createRateMeter } from "./rate-meter.ts";
import { checkTokenizer } from "./tokenizer-files.ts";

/** Null if it is not there, or not all of it is; what turns out to be damaged is removed. */
export async function fromCache(
  cache: ModelCache | null,
  record: CachedRecord | null,
  source: HubSource,
  context: LoadContext,
): Promise<Checkpoint | null> {
  if (!cache || !record?.complete) return null;
  try {
    return await readCached(cache, record, source, context);
  } catch (e) {
    // The browser has dropped a part, or what it kept is damaged: the Hub has the original.
    if (!(e instanceof CacheGap) && !(e instanceof LabError && e.code === "bad-file")) throw e;
    await cache.forget(record);
    return null;
  }
}

async function readCached(
  cache: ModelCache,
  record: CachedRecord,
  { id, revision }: HubSource,
  context: LoadContext,
): Promise<Checkpoint> {
  const texts = await cache.texts(record);
  if (!texts) throw new CacheGap(`the small files of ${id}`);
  const label = { phase: "weights", file: record.files[0]!.name, fromCache: true } as const;
  const report = createRateMeter(context.progress, label);
  const weights = await readWeights(cache, record, report, context.signal);
  const starts = record.files.map(({ name, bytes }, i) => ({
    name,
    start: weights[i]!,
    size: bytes,
  }));
  const look = preview(texts.configJson, starts, context.maxTensorBytes);
  const { commit, hub, rounded } = record;
  return assemble({
    id,
    source: "hub",
    revision,
    commit,
    hub,
    rounded,
    preview: look,
    tokenizer: checkTokenizer(texts.tokenizerJson, texts.tokenizerConfig, look.config.vocab_size),
    weights,
    warnings: [],
    reread: (file, begin, end) => readPiece(cache, record, file, begin, end),
  });
}
