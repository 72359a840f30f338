/**
 * One training run from start or checkpoint to the stored SAE: harvest → buffer → steps → metrics and dashboards. A
 * checkpoint is stored early, then from time to time, when the run is paused, and when it is cancelled.
 */
import { breathe } from "../core/breathe.ts";
import { LabError, toLabError } from "../core/lab-error.ts";
import type { SaeSummary, TrainPoint, TrainProgress, TrainRequest } from "../core/sae.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import type { Context } from "../rpc/serve.ts";
import type { StoredCheckpoint } from "../storage/records.ts";
import { saveCheckpoint } from "../storage/sae-store.ts";
import { type Plan, reportEvery, resamplesAfter } from "../train/schedule.ts";
import { ShuffleBuffer } from "../train/shuffle-buffer.ts";
import { Trainer } from "../train/trainer.ts";
import { CorpusReader } from "./corpus-reader.ts";
import { Clock } from "./run-clock.ts";
import type { Pause } from "./pause.ts";
import { measureSae, statisticsTokens } from "./sae-measure.ts";
import { forgetSae, putSae } from "./sae-shelf.ts";
import { openWorkshop, type Workshop } from "./sae-workshop.ts";

export interface Job {
  model: LoadedModel;
  /** As unfinished. */
  summary: SaeSummary;
  request: TrainRequest;
  plan: Plan;
  checkpoint: StoredCheckpoint | null;
  pause: Pause;
}
type TrainContext = Context<TrainProgress>;

/** Activations that the buffer holds: many contexts, but no more than 64 MB, nor than the run needs. */
const BUFFER_VALUES = 16e6;
const BUFFER_BATCHES = 32;
/** Activations from which the input scale is told. */
const SAMPLE = 4096;
const LOSS_MS = 500;
const CHECKPOINT_SECONDS = 20;
/** Storing a checkpoint may take this share of the time at most. */
const CHECKPOINT_SHARE = 0.05;

export async function runJob(job: Job, context: TrainContext): Promise<SaeSummary> {
  const { model, summary, plan } = job;
  tell(job, context, job.checkpoint?.state.step ?? 0, { status: "preparing" });
  const workshop = await openWorkshop(model, summary.config.hook, plan.dIn);
  try {
    return await Promise.race([
      trainAndStore(job, workshop, context),
      ...(model.lost ? [model.lost.then((error) => Promise.reject(error))] : []),
    ]);
  } catch (e) {
    throw (await lossOf(model)) ?? e;
  } finally {
    workshop.dispose();
  }
}

/** What a lost GPU breaks may be heard of before the loss itself: a moment is left for that. */
async function lossOf({ lost }: LoadedModel): Promise<LabError | null> {
  if (!lost) return null;
  const moment = new Promise<null>((resolve) => setTimeout(() => resolve(null), LOSS_MS));
  return Promise.race([lost, moment]);
}

async function trainAndStore(job: Job, shop: Workshop, context: TrainContext): Promise<SaeSummary> {
  const { plan, request, checkpoint } = job;
  const reader = new CorpusReader(shop.corpus, plan.seed, checkpoint?.position);
  const capacity = Math.min(
    BUFFER_BATCHES * plan.batchSize,
    Math.ceil(BUFFER_VALUES / plan.dIn),
    Math.max(request.tokens, SAMPLE),
  );
  const perHarvest = Math.min(shop.perHarvest, Math.ceil(capacity / shop.corpus.contextSize));
  const buffer = new ShuffleBuffer({
    dIn: plan.dIn,
    batchSize: plan.batchSize,
    capacity,
    // A continued run fills its buffer anew: in another order than the first part did.
    seed: plan.seed + (checkpoint?.state.step ?? 0),
    harvest: async () => {
      stopIfAborted(context.signal);
      return shop.harvest(await reader.next(perHarvest));
    },
  });
  let trainer: Trainer | null = null;
  try {
    trainer = checkpoint ? Trainer.resume(plan, checkpoint.state) : await startFrom(plan, buffer);
    const clock = new Clock(checkpoint?.seconds ?? 0, trainer.step);
    const running = { trainer, buffer, reader, clock, shop };
    await steps(job, running, context);
    // Measuring takes a while too, and whatever stops it must not cost the training.
    await storeCheckpoint(job, running);
    return await finish(job, trainer, shop, context);
  } finally {
    trainer?.dispose();
    buffer.dispose();
  }
}

async function startFrom(plan: Plan, buffer: ShuffleBuffer): Promise<Trainer> {
  const sample = await buffer.peek(SAMPLE);
  try {
    return await Trainer.start(plan, sample);
  } finally {
    sample.dispose();
  }
}

interface Running {
  trainer: Trainer;
  buffer: ShuffleBuffer;
  reader: CorpusReader;
  clock: Clock;
  shop: Workshop;
}

/** Steps until the budget is used up. Whoever stops it gets a last checkpoint. */
async function steps(job: Job, running: Running, context: TrainContext): Promise<void> {
  const { plan, pause } = job;
  const { trainer, clock } = running;
  const every = reportEvery(plan);
  let warning: string | undefined;
  let nextCheckpoint = 0;
  const store = async () => {
    const from = performance.now();
    warning = await storeCheckpoint(job, running);
    const took = (performance.now() - from) / 1000;
    nextCheckpoint = clock.seconds + Math.max(CHECKPOINT_SECONDS, took / CHECKPOINT_SHARE);
  };
  const say = (status: TrainProgress["status"], points: TrainPoint[] = []) => {
    const left = plan.steps - trainer.step;
    tell(job, context, trainer.step, {
      status,
      points,
      secondsLeft: clock.secondsPerStep === null ? null : left * clock.secondsPerStep,
      ...(warning !== undefined && { warning }),
    });
  };
  const first = trainer.step;
  try {
    while (trainer.step < plan.steps) {
      stopIfAborted(context.signal);
      if (pause.paused) {
        if (trainer.step > first) await store();
        clock.stop();
        say("paused");
        await pause.wait(context.signal);
        continue;
      }
      clock.start();
      await oneStep(running);
      if (trainer.step % every === 0 || trainer.step === plan.steps) {
        const point = await readPoint(running);
        say("running", [point]);
        if (clock.seconds >= nextCheckpoint && trainer.step < plan.steps) await store();
      }
      await breathe();
    }
  } catch (e) {
    if (trainer.step > first && isStop(e)) await store();
    throw e;
  }
}

/** Whether the run was stopped from outside, so that what it has reached is sound. */
const isStop = (e: unknown): boolean =>
  e instanceof LabError && (e.code === "cancelled" || e.code === "not-found");

async function oneStep({ trainer, buffer }: Running): Promise<void> {
  const batch = await buffer.next();
  try {
    trainer.train(batch);
    if (resamplesAfter(trainer.plan, trainer.step)) await trainer.resample(batch);
  } finally {
    batch.dispose();
  }
}

/** @throws LabError "degenerate" when the numbers have left the numbers: going on would store rubbish */
async function readPoint({ trainer, clock }: Running): Promise<TrainPoint> {
  const { dead, ...report } = await trainer.report();
  const { step, plan } = trainer;
  if (!Number.isFinite(report.reconstructionLoss) || !Number.isFinite(report.explainedVariance)) {
    throw new LabError(
      "degenerate",
      `training failed at step ${step}: the loss is ${report.reconstructionLoss}, ` +
        `the explained variance ${report.explainedVariance}. Use a smaller learning rate, or another hook point.`,
    );
  }
  clock.lap(step);
  return {
    step,
    tokens: step * plan.batchSize,
    ...report,
    deadShare: dead / plan.dSae,
    tokensPerSecond: plan.batchSize / clock.secondsPerStep!, // a lap has just been made
  };
}

/** @returns what to tell the user if it could not be stored; the run goes on, and the checkpoint before stays */
async function storeCheckpoint(job: Job, running: Running): Promise<string | undefined> {
  const { trainer, reader, buffer, clock, shop } = running;
  const { request, plan } = job;
  const unused = Math.ceil(buffer.unserved / (shop.corpus.contextSize - 1));
  const position = reader.before(unused);
  const summary = { ...job.summary, trainedTokens: trainer.step * plan.batchSize };
  const [weights, state] = [await trainer.weights(), await trainer.checkpoint()];
  try {
    await saveCheckpoint(summary, weights, { request, position, seconds: clock.seconds, state });
    forgetSae(summary.id);
    return undefined;
  } catch (e) {
    return `no checkpoint could be stored: ${toLabError(e).message}`;
  }
}

async function finish(
  job: Job,
  trainer: Trainer,
  shop: Workshop,
  context: TrainContext,
): Promise<SaeSummary> {
  const { summary, plan } = job;
  const weights = await trainer.weights();
  const { metrics, dashboards } = await measureSae({
    ...shop,
    config: summary.config,
    weights,
    tokens: statisticsTokens(plan.steps * plan.batchSize),
    signal: context.signal,
    onShare: (dashboardShare) =>
      tell(job, context, trainer.step, { status: "dashboards", dashboardShare }),
  });
  tell(job, context, trainer.step, { status: "saving", dashboardShare: 1 });
  const finished: SaeSummary = {
    ...summary,
    metrics,
    status: "finished",
    trainedTokens: plan.steps * plan.batchSize,
    hasDashboards: true,
  };
  await putSae(finished, weights, dashboards);
  return finished;
}

function tell(
  { summary, plan }: Job,
  { progress }: TrainContext,
  step: number,
  change: Partial<TrainProgress> & Pick<TrainProgress, "status">,
): void {
  progress({
    runId: summary.id,
    step,
    tokens: step * plan.batchSize,
    totalTokens: plan.steps * plan.batchSize,
    secondsLeft: null,
    points: [],
    dashboardShare: 0,
    ...change,
  });
}

function stopIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw new LabError("cancelled", "cancelled");
}
