/** A model of the Hub over the network: looked at, then its weights into memory and into the cache. */
import type { HubSource } from "../core/model-source.ts";
import { LabError } from "../core/lab-error.ts";
import { readPiece } from "./cached-weights.ts";
import { fromCache } from "./cached-model.ts";
import { type Checkpoint, type ReadBytes, assemble } from "./checkpoint.ts";
import { FileChanged, downloadRange } from "./fetch.ts";
import { type HubLook, type HubModel, lookAtHub } from "./hub-look.ts";
import { hubTokenizer } from "./hub-tokenizer.ts";
import { fetchWeights } from "./hub-weights.ts";
import type { LoadContext } from "./load-context.ts";
import {
  type CachedRecord,
  type CachedTexts,
  type ModelCache,
  PART_BYTES,
  recordFolder,
} from "./model-cache.ts";
import { preview } from "./preview.ts";
import { checkTokenizer } from "./tokenizer-files.ts";
import { halfBytes, planAsIs, planHalf, pieceOf, type WeightPlan } from "./weight-plan.ts";
import { openWriter, type WeightWriter } from "./weight-writer.ts";

/** @param cache null where nothing can be kept */
export async function fetchModel(
  model: HubModel,
  source: HubSource,
  cache: ModelCache | null,
  context: LoadContext,
): Promise<Checkpoint> {
  try {
    return await fetchOnce(model, source, cache, context);
  } catch (e) {
    if (!(e instanceof FileChanged)) throw e;
    // What was begun belongs to another version of the file, and has been removed: from the start, once.
    return fetchOnce(model, source, cache, context);
  }
}

async function fetchOnce(
  model: HubModel,
  source: HubSource,
  cache: ModelCache | null,
  context: LoadContext,
): Promise<Checkpoint> {
  const look = await lookAtHub(model, context);
  const kept = (await cache?.find(model.hub, model.id, look.commit ?? model.revision)) ?? null;
  if (cache && kept?.complete && look.commit !== null) {
    // The same commit is here already, under another name.
    const named = { ...kept, revisions: [...new Set([...kept.revisions, model.revision])] };
    const checkpoint = await fromCache(cache, named, source, context);
    if (checkpoint) {
      await cache.put(named);
      await forgetOlder(cache, named, model.revision);
      return checkpoint;
    }
  }
  const half = source.half === true && halfBytes(look.preview) !== null;
  const { files, tensors, configJson } = look.preview;
  const plans = files.map((file) => (half ? planHalf(file, tensors) : planAsIs(file)));
  const small = await hubTokenizer(model, look.folder, context);
  const texts: CachedTexts = { configJson, ...small };
  checkTokenizer(small.tokenizerJson, small.tokenizerConfig, look.preview.config.vocab_size);
  const record: CachedRecord = {
    hub: model.hub,
    id: model.id,
    commit: look.commit,
    revisions: [model.revision],
    files: files.map(({ name }, i) => {
      return { name, bytes: plans[i]!.outBytes, tag: look.tags[i] ?? null };
    }),
    partBytes: context.partBytes ?? PART_BYTES,
    rounded: half,
    complete: false,
    savedAt: new Date().toISOString(),
  };
  return keepWhile({ model, look, plans, record, texts, cache, context });
}

interface Fetch {
  model: HubModel;
  look: HubLook;
  plans: WeightPlan[];
  record: CachedRecord;
  texts: CachedTexts;
  cache: ModelCache | null;
  context: LoadContext;
}

async function keepWhile(fetch: Fetch): Promise<Checkpoint> {
  const { model, look, plans, record, texts, cache, context } = fetch;
  const begun = cache ? await takeUp(cache, record) : null;
  const written: number[] = [];
  let writer: WeightWriter | null = null;
  const warnings: string[] = [];
  try {
    const weights = await fetchWeights({
      ...{ model, look, plans, record, context },
      readKept: (file, part) => begun?.part(record, file, part) ?? Promise.resolve(null),
      onBegin: (parts) => {
        written.push(...parts);
        if (cache) writer = openWriter(cache, record, texts, written);
      },
      onBytes: (file, bytes, filled) => writer?.offer(file, bytes, filled),
    });
    const starts = record.files.map(({ name, bytes }, i) => {
      return { name, start: weights[i]!, size: bytes };
    });
    const whole = record.rounded ? preview(texts.configJson, starts) : look.preview;
    const { id, revision, hub } = model;
    const checkpoint = assemble({
      ...{ id, revision, hub, commit: look.commit, source: "hub", rounded: record.rounded },
      preview: whole,
      tokenizer: checkTokenizer(
        texts.tokenizerJson,
        texts.tokenizerConfig,
        whole.config.vocab_size,
      ),
      weights,
      warnings,
      reread: rereadLater(fetch),
    });
    warnings.push(...(await keep(writer)));
    if (cache && warnings.length === 0) await forgetOlder(cache, record, revision);
    return checkpoint;
  } catch (e) {
    const opened = writer as WeightWriter | null;
    const cutOff = e instanceof LabError && (e.code === "network" || e.code === "cancelled");
    if (cutOff && !(e instanceof FileChanged)) await opened?.leave();
    else await opened?.discard();
    throw e;
  }
}

/** The cache, if it holds the beginning of this very download; the beginning of any other is removed from it. */
async function takeUp(cache: ModelCache, record: CachedRecord): Promise<ModelCache | null> {
  const place = recordFolder(record).href;
  const kept = (await cache.list()).find((other) => recordFolder(other).href === place);
  if (!kept) return null;
  const same =
    kept.rounded === record.rounded &&
    kept.partBytes === record.partBytes &&
    kept.files.length === record.files.length &&
    kept.files.every(({ name, bytes, tag }, i) => {
      const now = record.files[i]!;
      // A commit never changes; of a server that names none, the tag must say that the file is the same.
      const told = tag !== null && now.tag !== null ? tag === now.tag : record.commit !== null;
      return name === now.name && bytes === now.bytes && told;
    });
  if (same) return cache;
  await cache.forget(kept);
  return null;
}

/** A branch that has moved on: what was kept for it is let go of, unless it has another name yet. */
async function forgetOlder(cache: ModelCache, record: CachedRecord, revision: string) {
  const place = recordFolder(record).href;
  for (const other of await cache.list()) {
    if (other.hub !== record.hub || other.id !== record.id) continue;
    if (recordFolder(other).href === place || !other.revisions.includes(revision)) continue;
    const revisions = other.revisions.filter((name) => name !== revision);
    if (revisions.length === 0) await cache.forget(other);
    else await cache.put({ ...other, revisions });
  }
}

/** Tensors read after the weights were released come from the cache, or else from the Hub again. */
function rereadLater({ model, look, plans, record, cache }: Fetch): ReadBytes {
  return async (file, begin, end, signal = new AbortController().signal) => {
    const kept = await cache?.find(model.hub, model.id, look.commit ?? model.revision);
    if (cache && kept?.complete && kept.rounded === record.rounded) {
      return readPiece(cache, kept, file, begin, end);
    }
    const { name } = record.files[file]!;
    const options = { ...model.options(name), signal };
    return pieceOf(plans[file]!, begin, end, async (from, to) => {
      return (await downloadRange(new URL(name, look.folder), from, to, options)).bytes;
    });
  };
}

/** Completes the cached copy. A model that cannot be kept still runs; the answer says what the user should know. */
async function keep(writer: WeightWriter | null): Promise<string[]> {
  const again = "so the model will be downloaded again next time";
  if (!writer) return [`this browser keeps no files for this page, ${again}`];
  try {
    await writer.commit();
    return [];
  } catch (e) {
    await writer.discard();
    const full = e instanceof DOMException && e.name === "QuotaExceededError";
    return [
      full
        ? `the browser has no storage left for this page, ${again}; free some space on the disk`
        : `the browser could not keep the model (${e instanceof Error ? e.message : String(e)}), ${again}`,
    ];
  }
}
