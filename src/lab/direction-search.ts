/**
 * Looks through text for where a direction is strongest. Only the blocks up to its hook point are run, in batches that take a
 * fraction of a second, so that what was found is seen early and the model stays free for other calls. What is kept does
 * not grow with the text.
 */
import type { Basis } from "../core/basis.ts";
import { breathe } from "../core/breathe.ts";
import type { Found, SearchProgress, SearchRequest } from "../core/direction.ts";
import { LabError } from "../core/lab-error.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import { directionReader } from "./direction-reader.ts";
import { DirectionStats } from "./direction-stats.ts";
import type { OpenedSae } from "./feature-reader.ts";
import { type ContextReading, readContexts, type TextContext } from "./text-contexts.ts";

const BATCH_MS = 250;
const BATCH_MOST = 32; // contexts
const REPORT_MS = 400;
const KEEP_MOST = 100;

export interface SearchContext {
  signal: AbortSignal;
  progress: (progress: SearchProgress) => void;
}
export interface SearchSources {
  signal: AbortSignal;
  openSae: (id: string) => Promise<OpenedSae>;
  /** For tests. @default what the request's source says */
  contexts?: ContextReading;
}
/** A search that can be stopped and gone on with: each text is read once. */
export interface DirectionSearch {
  /** Measured tokens so far. */
  tokens: () => number;
  /**
   * Goes on until about `limit` tokens are measured in all, or the text ends.
   * @throws LabError "cancelled" (what was found stays), "bad-file", "network"
   */
  read: (limit: number | null, context: SearchContext) => Promise<Found>;
}

/** @throws LabError as `directionReader` */
export async function openSearch(
  model: LoadedModel,
  request: Omit<SearchRequest, "tokens"> & { basis: Basis },
  { signal, openSae, contexts }: SearchSources,
): Promise<DirectionSearch> {
  const { direction, source, keep, basis } = request;
  if (!Number.isInteger(keep) || keep < 1 || keep > KEEP_MOST) {
    throw new LabError("bad-input", `from 1 to ${KEEP_MOST} examples can be kept, not ${keep}`);
  }
  const { hook, read, difference } = await directionReader(model, direction, {
    ...{ basis, signal, openSae },
  });
  const reading = contexts ?? readContexts(model, source);
  const stats = new DirectionStats(model.info.config.bos_token_id, keep);
  const found = (): Found => ({
    ...stats.read((ids) => model.tokenizer.strings(ids)),
    ...{ direction, hook, difference, warnings: reading.warnings() },
  });
  let size = 1;
  const measure = async (batch: readonly TextContext[]) => {
    const start = performance.now();
    const T = batch[0]!.ids.length;
    const ids = new Int32Array(batch.length * T);
    batch.forEach((context, i) => ids.set(context.ids, i * T));
    const rows = (await model.harvest(ids, batch.length, [hook], null))![0]!;
    const values = read(rows);
    batch.forEach((context, i) => stats.add(context.ids, values.subarray(i * T, (i + 1) * T)));
    const perContext = (performance.now() - start) / batch.length;
    size = Math.max(1, Math.min(BATCH_MOST, 2 * size, Math.floor(BATCH_MS / perContext)));
  };
  // Asked by hand: a loop that is left would end it.
  const text = batches(reading.contexts, () => size);
  let share = 0;
  return {
    tokens: () => stats.tokens,
    read: async (limit, context) => {
      const clock = searchClock(stats.tokens, limit);
      while (limit === null || stats.tokens < limit) {
        if (context.signal.aborted) throw new LabError("cancelled", "cancelled");
        const { value: batch } = await text.next();
        if (!batch) break;
        await measure(batch);
        share = batch.at(-1)!.share;
        const told = clock(stats.tokens, share);
        if (told) context.progress({ ...told, found: found() });
        await breathe();
      }
      return found();
    },
  };
}

/** A whole search in one go. */
export async function searchDirection(
  model: LoadedModel,
  request: SearchRequest & { basis: Basis },
  { signal, progress, ...sources }: SearchContext & SearchSources,
): Promise<Found> {
  const search = await openSearch(model, request, { signal, ...sources });
  return search.read(request.tokens, { signal, progress });
}

/** How far a search is, from time to time; null in between. Rates are of this reading, not of one before it. */
function searchClock(from: number, limit: number | null) {
  const began = performance.now();
  let reported = began;
  let before: number | null = null;
  return (tokens: number, read: number) => {
    const share = Math.max(read, limit === null ? 0 : Math.min(1, tokens / limit));
    before ??= from === 0 ? 0 : share;
    const now = performance.now();
    if (now - reported < REPORT_MS && tokens > 0) return null;
    reported = now;
    const seconds = (now - began) / 1000;
    const done = share - before;
    return {
      share,
      tokensPerSecond: (tokens - from) / seconds,
      secondsLeft: done > 0 ? (seconds * (1 - share)) / done : null,
    };
  };
}

/** Contexts of equal length together, at most `size()` of them. */
async function* batches(
  contexts: AsyncGenerator<TextContext, void>,
  size: () => number,
): AsyncGenerator<TextContext[], void> {
  let batch: TextContext[] = [];
  for await (const context of contexts) {
    if (batch.length > 0 && batch[0]!.ids.length !== context.ids.length) {
      yield batch;
      batch = [];
    }
    batch.push(context);
    if (batch.length < size()) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
