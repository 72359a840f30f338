/** What is stored of a run while it is under way. A store that fails costs the run nothing but a warning. */
import { toLabError } from "../core/lab-error.ts";
import { saveCheckpoint, saveStart } from "../storage/sae-store.ts";
import type { FeatureStrip } from "../train/feature-strip.ts";
import type { ShuffleBuffer } from "../train/shuffle-buffer.ts";
import type { Trainer } from "../train/trainer.ts";
import { CORPUS_START, type CorpusReader } from "./corpus-reader.ts";
import type { Clock } from "./run-clock.ts";
import type { Job } from "./sae-job.ts";
import { forgetSae } from "./sae-shelf.ts";
import type { Workshop } from "./sae-workshop.ts";

export interface Running {
  trainer: Trainer;
  buffer: ShuffleBuffer;
  reader: CorpusReader;
  clock: Clock;
  shop: Workshop;
  /** null where there was no text to look at */
  strip: FeatureStrip | null;
}
/** What to tell the user if it could not be stored. */
type Warning = string | undefined;

/** Puts a new run on the shelf before its first step. */
export const storeStart = ({ summary, request }: Job): Promise<Warning> =>
  warned(async () => {
    await saveStart(summary, { request, position: CORPUS_START, seconds: 0, state: null });
  });

/** Stores where the run stands; if that fails the checkpoint before stays. */
export async function storeCheckpoint(
  { summary, request, plan }: Job,
  { trainer, reader, buffer, clock, shop }: Running,
): Promise<Warning> {
  const unused = Math.ceil(buffer.unserved / (shop.corpus.contextSize - 1));
  const position = reader.before(unused);
  const reached = { ...summary, trainedTokens: trainer.step * plan.batchSize };
  const [weights, state] = [await trainer.weights(), await trainer.checkpoint()];
  return warned(async () => {
    await saveCheckpoint(reached, weights, { request, position, seconds: clock.seconds, state });
    forgetSae(summary.id);
  });
}

async function warned(store: () => Promise<void>): Promise<Warning> {
  try {
    await store();
    return undefined;
  } catch (e) {
    return `no checkpoint could be stored: ${toLabError(e).message}`;
  }
}
