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
  openSae: (id: string) => Promise<OpenedSae>;
  /** For tests. @default what the request's source says */
  contexts?: ContextReading;
}

/** @throws LabError as `directionReader`, and "cancelled", "bad-file", "network" */
export async function searchDirection(
  model: LoadedModel,
  request: SearchRequest & { basis: Basis },
  { signal, progress, openSae, contexts }: SearchContext,
): Promise<Found> {
  const { direction, source, tokens: limit, keep, basis } = request;
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
  const began = performance.now();
  let reported = began;
  let size = 1;
  const report = (read: number) => {
    const now = performance.now();
    if (now - reported < REPORT_MS && stats.tokens > 0) return;
    reported = now;
    const share = Math.max(read, limit === null ? 0 : Math.min(1, stats.tokens / limit));
    const seconds = (now - began) / 1000;
    progress({
      share,
      tokensPerSecond: stats.tokens / seconds,
      secondsLeft: share > 0 ? (seconds * (1 - share)) / share : null,
      found: found(),
    });
  };
  for await (const batch of batches(reading.contexts, () => size)) {
    if (signal.aborted) throw new LabError("cancelled", "cancelled");
    const start = performance.now();
    const T = batch[0]!.ids.length;
    const ids = new Int32Array(batch.length * T);
    batch.forEach((context, i) => ids.set(context.ids, i * T));
    const rows = (await model.harvest(ids, batch.length, [hook], null))![0]!;
    const values = read(rows);
    batch.forEach((context, i) => stats.add(context.ids, values.subarray(i * T, (i + 1) * T)));
    const perContext = (performance.now() - start) / batch.length;
    size = Math.max(1, Math.min(BATCH_MOST, 2 * size, Math.floor(BATCH_MS / perContext)));
    report(batch.at(-1)!.share);
    if (limit !== null && stats.tokens >= limit) break;
    await breathe();
  }
  return found();
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
