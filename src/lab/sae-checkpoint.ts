/** What is stored of a run while it is under way. A store that fails costs the run nothing but a warning. */
import { toLabError } from "../core/lab-error.ts";
import type { TrainPoint } from "../core/train-point.ts";
import { saveCheckpoints, saveStarts } from "../storage/sae-store.ts";
import type { Reached } from "../storage/sae-store.ts";
import type { FeatureStrip } from "../train/feature-strip.ts";
import type { ShuffleBuffer } from "../train/shuffle-buffer.ts";
import type { Trainer } from "../train/trainer.ts";
import { CORPUS_START, type CorpusReader } from "./corpus-reader.ts";
import type { Clock } from "./run-clock.ts";
import type { Job } from "./sae-job.ts";
import { forgetSae } from "./sae-shelf.ts";
import type { Workshop } from "./sae-workshop.ts";

export interface Running {
  /** In the order of the job's members; all have made the same steps. */
  trainers: readonly Trainer[];
  buffer: ShuffleBuffer;
  reader: CorpusReader;
  clock: Clock;
  shop: Workshop;
  /** Of each trainer all points of its charts. */
  past: readonly TrainPoint[][];
  /** null where there was no text to look at */
  strip: FeatureStrip | null;
}
/** What to tell the user if it could not be stored. */
type Warning = string | undefined;

/** Puts a new run on the shelf before its first step. */
export const storeStart = (job: Job): Promise<Warning> =>
  warned(async () => {
    const checkpoint = { position: CORPUS_START, seconds: 0, state: null, ...sweepOf(job) };
    await saveStarts(
      job.members.map(({ summary, request }) => ({
        summary,
        checkpoint: { request, ...checkpoint },
      })),
    );
  });

/** Stores where the run stands, all members or none; if that fails the checkpoint before stays. */
export async function storeCheckpoint(
  job: Job,
  { trainers, reader, buffer, clock, shop, past }: Running,
): Promise<Warning> {
  const unused = Math.ceil(buffer.unserved / (shop.corpus.contextSize - 1));
  const where = { position: reader.before(unused), seconds: clock.seconds, ...sweepOf(job) };
  const reached: Reached[] = [];
  for (const [i, { summary, request, plan }] of job.members.entries()) {
    const trainer = trainers[i]!;
    reached.push({
      summary: { ...summary, trainedTokens: trainer.step * plan.batchSize },
      weights: await trainer.weights(),
      checkpoint: { request, ...where, points: past[i]!, state: await trainer.checkpoint() },
    });
  }
  return warned(async () => {
    await saveCheckpoints(reached);
    for (const { summary } of job.members) forgetSae(summary.id);
  });
}

const sweepOf = ({ members }: Job) =>
  members.length > 1 ? { sweep: members.map(({ summary }) => summary.id) } : {};

async function warned(store: () => Promise<void>): Promise<Warning> {
  try {
    await store();
    return undefined;
  } catch (e) {
    return `no checkpoint could be stored: ${toLabError(e).message}`;
  }
}
