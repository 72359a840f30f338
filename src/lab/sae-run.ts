/**
 * One training run from start or checkpoint to the stored SAE, or to the several of a sweep: prepare, make the steps, measure, store. It is on the shelf
 * as unfinished from the beginning, so that a page that closes loses no more than the steps since the last checkpoint.
 */
import { LabError } from "../core/lab-error.ts";
import type { SaeSummary } from "../core/sae.ts";
import { bufferRows } from "../math/sae-cost.ts";
import { takeFault } from "../model/gpu-faults.ts";
import { lossBehind } from "../model/gpu-loss.ts";
import { deleteSae } from "../storage/sae-store.ts";
import { FeatureStrip } from "../train/feature-strip.ts";
import { rowCount, ShuffleBuffer } from "../train/shuffle-buffer.ts";
import { rowWidth } from "../train/pairs.ts";
import { Trainer } from "../train/trainer.ts";
import { heldOutContexts } from "./corpus.ts";
import { CorpusReader } from "./corpus-reader.ts";
import { Clock } from "./run-clock.ts";
import { type Running, storeCheckpoint } from "./sae-checkpoint.ts";
import {
  type Job,
  leadOf,
  type Member,
  stopIfAborted,
  tell,
  type TrainContext,
} from "./sae-job.ts";
import { measureSae, statisticsTokens } from "./sae-measure.ts";
import { putSae } from "./sae-shelf.ts";
import { pastOf, sayPreparing } from "./sae-start.ts";
import { makeSteps } from "./sae-steps.ts";
import { openWorkshop, type Workshop } from "./sae-workshop.ts";

/** Activations from which the input scale is told. */
const SAMPLE = 4096;
/** Of the tokens of a run that features are looked at in, at most. */
const PROBE_SHARE = 0.02;

/**
 * @param warning what `startJob` has come to
 * @returns the SAEs, in the order of the job's members
 */
export async function runJob(
  job: Job,
  context: TrainContext,
  warning: string | undefined,
): Promise<SaeSummary[]> {
  const { model } = job;
  const { summary } = leadOf(job);
  try {
    const workshop = await openWorkshop(model, summary.config);
    try {
      return await Promise.race([
        trainAndStore(job, workshop, context, warning),
        ...(model.lost ? [model.lost.then((error) => Promise.reject(error))] : []),
      ]);
    } finally {
      workshop.dispose();
    }
  } catch (e) {
    throw (await lossBehind(e, model.lost)) ?? e;
  }
}

async function trainAndStore(
  job: Job,
  shop: Workshop,
  context: TrainContext,
  warning: string | undefined,
): Promise<SaeSummary[]> {
  const { plan, request, checkpoint } = leadOf(job);
  const state = checkpoint?.state ?? null;
  const reader = new CorpusReader(shop.corpus, plan.seed, checkpoint?.position);
  const width = rowWidth(plan);
  const capacity = bufferRows(plan.batchSize, width, request.tokens);
  const served = shop.corpus.contextSize - 1; // of each context all but its first token
  const perHarvest = Math.min(shop.perHarvest, Math.ceil(capacity / served));
  let harvested = 0;
  let strip: FeatureStrip | null = null;
  const trainers: Trainer[] = [];
  const buffer = new ShuffleBuffer({
    dIn: width,
    batchSize: plan.batchSize,
    capacity,
    // A continued run fills its buffer anew: in another order than the first part did.
    seed: plan.seed + (state?.step ?? 0),
    harvest: async () => {
      stopIfAborted(context.signal);
      const rows = await shop.harvest(await reader.next(perHarvest));
      harvested += rowCount(rows, width);
      if (trainers.length === 0) {
        const what = state ? "activations" : "scale";
        sayPreparing(job, context, { what, done: Math.min(harvested, capacity), total: capacity });
      }
      return rows;
    },
  });
  try {
    await buffer.prepare();
    for (const member of job.members) trainers.push(await trainerOf(member, buffer));
    const clock = new Clock(checkpoint?.seconds ?? 0, trainers[0]!.step);
    strip = await openStrip(job, shop);
    const past = pastOf(job).map(({ points }) => points);
    const running: Running = { trainers, buffer, reader, clock, shop, past, strip };
    await makeSteps(job, running, context, warning);
    // Measuring takes a while too, and whatever stops it must not cost the training.
    await storeCheckpoint(job, running);
    return await finish(job, trainers, shop, context);
  } catch (e) {
    if (!checkpoint && !trainers[0]?.step && leavesNothing(e)) {
      for (const { summary } of job.members) await deleteSae(summary.id).catch(() => undefined);
    }
    throw e;
  } finally {
    strip?.dispose();
    for (const trainer of trainers) trainer.dispose();
    buffer.dispose();
  }
}

/** A text to look at features in: a small part of what is held out. */
/** Of a sweep its first member's. */
async function openStrip(job: Job, shop: Workshop): Promise<FeatureStrip | null> {
  const { model } = job;
  const { plan } = leadOf(job);
  const T = shop.corpus.contextSize;
  const share = Math.ceil((PROBE_SHARE * plan.steps * plan.batchSize) / (T - 1));
  const contexts = await heldOutContexts(
    shop.corpus,
    Math.min(shop.perHarvest, Math.max(2, share)),
  );
  if (contexts.length === 0) return null;
  const ids = Int32Array.from(contexts.flat());
  const harvested = await shop.harvest(ids);
  const rows =
    harvested instanceof Float32Array ? shop.backend.upload(harvested, rowWidth(plan)) : harvested;
  const probe = { ids, contextSize: T, rows };
  return new FeatureStrip(probe, plan.dSae, plan.seed, (some) => model.tokenizer.strings(some));
}

/** Whether a run that ends before its first step need not stay on the shelf: it was given up, or cannot be made. */
const leavesNothing = (e: unknown): boolean =>
  e instanceof LabError && (e.code === "cancelled" || e.code === "degenerate");

async function trainerOf({ plan, checkpoint }: Member, buffer: ShuffleBuffer): Promise<Trainer> {
  if (checkpoint?.state) return Trainer.resume(plan, checkpoint.state);
  const sample = await buffer.peek(SAMPLE);
  try {
    return await Trainer.start(plan, sample);
  } finally {
    sample.dispose();
  }
}

/** One after another: what is stored is finished, whatever becomes of the rest. */
async function finish(
  job: Job,
  trainers: readonly Trainer[],
  shop: Workshop,
  context: TrainContext,
): Promise<SaeSummary[]> {
  const { members } = job;
  const finished: SaeSummary[] = [];
  for (const [i, { summary, plan, request }] of members.entries()) {
    const { step } = trainers[i]!;
    const say = (status: "dashboards" | "saving", share: number) =>
      tell(job, context, step, { status, dashboardShare: (i + share) / members.length });
    const weights = await trainers[i]!.weights();
    const { metrics, dashboards } = await measureSae({
      ...shop,
      config: summary.config,
      weights,
      tokens: statisticsTokens(plan.steps * plan.batchSize),
      signal: context.signal,
      onShare: (share) => say("dashboards", share),
    });
    const fault = takeFault(job.model.gpu);
    if (fault) throw fault;
    say("saving", 1);
    const measured: SaeSummary = {
      ...summary,
      metrics,
      status: "finished",
      trainedTokens: plan.steps * plan.batchSize,
      hasDashboards: true,
    };
    await putSae(measured, weights, dashboards, request.keepState);
    finished.push(measured);
  }
  return finished;
}
