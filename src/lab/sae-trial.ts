/**
 * A second of real training: activations of the bench's model are harvested, and steps are made of them, as a run would.
 * Nothing of it is kept. The first of each, which compiles kernels, is not timed.
 */
import { breathe } from "../core/breathe.ts";
import type { TrainRequest } from "../core/sae.ts";
import type { TrialProgress, TrialResult } from "../core/sae-trial.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import { rowWidth } from "../train/pairs.ts";
import { computed, rowCount, ShuffleBuffer } from "../train/shuffle-buffer.ts";
import { Trainer } from "../train/trainer.ts";
import { CorpusReader } from "./corpus-reader.ts";
import { stopIfAborted } from "./sae-job.ts";
import { configFor, planTraining } from "./sae-request.ts";
import { openWorkshop } from "./sae-workshop.ts";

/** Of each of the two, at least this long and this often. */
const SECONDS = 0.5;
const LEAST = 2;

interface TrialContext {
  signal: AbortSignal;
  progress: (progress: TrialProgress) => void;
}

/** @throws LabError as training itself; "cancelled" */
export async function runTrial(
  model: LoadedModel,
  request: TrainRequest,
  { signal, progress }: TrialContext,
): Promise<TrialResult> {
  const plan = planTraining(request, model.info.config);
  progress("preparing");
  const shop = await openWorkshop(model, configFor(request, plan, model.info), request.texts);
  const width = rowWidth(plan);
  const reader = new CorpusReader(shop.corpus, plan.seed);
  const harvest = async () => {
    stopIfAborted(signal);
    return shop.harvest(await reader.next(shop.perHarvest));
  };
  const buffer = new ShuffleBuffer({
    dIn: width,
    batchSize: plan.batchSize,
    capacity: 2 * plan.batchSize,
    seed: plan.seed,
    harvest,
  });
  let trainer: Trainer | null = null;
  try {
    await buffer.prepare(); // the first harvests are not timed
    progress("harvest");
    const harvesting = await timed(signal, async () => {
      const rows = await harvest();
      const count = rowCount(rows, width);
      await computed(rows);
      return count;
    });
    progress("steps");
    const sample = await buffer.peek(plan.batchSize);
    try {
      const running = await Trainer.start(plan, sample);
      trainer = running;
      const step = async () => {
        running.train(sample);
        await running.report(); // waits for the device
        return 1;
      };
      await step();
      const stepping = await timed(signal, step);
      return {
        device: shop.backend.name,
        perHarvestedToken: harvesting.seconds / harvesting.count,
        perStep: stepping.seconds / stepping.count,
        harvestedTokens: harvesting.count,
        steps: stepping.count,
      };
    } finally {
      sample.dispose();
    }
  } finally {
    trainer?.dispose();
    buffer.dispose();
    shop.dispose();
  }
}

/** Work, again and again, until it has taken a while. @param work tells how much it was */
async function timed(
  signal: AbortSignal,
  work: () => Promise<number>,
): Promise<{ count: number; seconds: number }> {
  let [count, seconds, times] = [0, 0, 0];
  while (seconds < SECONDS || times < LEAST) {
    stopIfAborted(signal);
    const from = performance.now();
    count += await work();
    seconds += (performance.now() - from) / 1000;
    times += 1;
    await breathe();
  }
  return { count, seconds };
}
