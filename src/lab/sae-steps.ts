/**
 * The steps of a run until its budget is used up: batch, step, now and then a report, a checkpoint, a pause. Whoever stops it
 * gets a last checkpoint.
 */
import { breathe } from "../core/breathe.ts";
import { LabError } from "../core/lab-error.ts";
import type { DensityHistogram } from "../core/density.ts";
import type { TrainProgress } from "../core/sae.ts";
import type { TrainPoint } from "../core/train-point.ts";
import { takeFault } from "../model/gpu-faults.ts";
import { reportEvery } from "../train/schedule.ts";
import type { Trainer } from "../train/trainer.ts";
import { type Running, storeCheckpoint } from "./sae-checkpoint.ts";
import type { Clock } from "./run-clock.ts";
import { type Job, leadOf, stopIfAborted, tell, type TrainContext } from "./sae-job.ts";

const CHECKPOINT_SECONDS = 20;
/** Storing a checkpoint may take this share of the time at most. */
const CHECKPOINT_SHARE = 0.05;

/** @param warned what storing the start of the run has come to, see `sae-checkpoint.ts` */
export async function makeSteps(
  job: Job,
  running: Running,
  context: TrainContext,
  warned: string | undefined,
): Promise<void> {
  const { pause } = job;
  const { plan } = leadOf(job);
  const { clock } = running;
  const trainer = running.trainers[0]!;
  const every = reportEvery(plan);
  let warning = warned;
  let nextCheckpoint = 0;
  const store = async () => {
    const from = performance.now();
    warning = await storeCheckpoint(job, running);
    const took = (performance.now() - from) / 1000;
    nextCheckpoint = clock.seconds + Math.max(CHECKPOINT_SECONDS, took / CHECKPOINT_SHARE);
  };
  const times = () => ({
    secondsLeft:
      clock.secondsPerStep === null ? null : (plan.steps - trainer.step) * clock.secondsPerStep,
    ...(warning !== undefined && { warning }),
  });
  const say = (status: TrainProgress["status"], read: readonly Read[] = []) => {
    tell(job, context, trainer.step, {
      status,
      ...(read[0] && { points: [read[0].point], density: read[0].density }),
      ...(read.length > 1 && {
        members: job.members.map(({ summary: { id, name } }, i) => ({
          ...{ id, name },
          points: [read[i]!.point],
        })),
      }),
      ...times(),
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
        const read = await readPoints(job, running);
        read.forEach(({ point }, i) => running.past[i]!.push(point));
        say("running", read);
        if (clock.seconds >= nextCheckpoint && trainer.step < plan.steps) await store();
        if (running.strip?.due(clock.seconds, trainer.step, trainer.step === plan.steps)) {
          const samples = await running.strip.look(trainer, () => clock.seconds);
          tell(job, context, trainer.step, { status: "running", samples, ...times() });
        }
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

/** All members learn from the same batch. */
async function oneStep({ trainers, buffer }: Running): Promise<void> {
  const batch = await buffer.next();
  try {
    for (const trainer of trainers) {
      trainer.train(batch);
      if (trainer.resamplesNow) await trainer.resample(batch);
    }
  } finally {
    batch.dispose();
  }
}

interface Read {
  point: TrainPoint;
  density: DensityHistogram;
}
/** @throws LabError when the GPU has told of an error, or "degenerate" for NaN: going on would store rubbish */
async function readPoints(job: Job, { trainers, clock }: Running): Promise<Read[]> {
  const reports = [];
  for (const trainer of trainers) reports.push(await trainer.report());
  const fault = takeFault(job.model.gpu);
  if (fault) throw fault;
  clock.lap(trainers[0]!.step);
  return reports.map((report, i) => {
    const { name } = job.members[i]!.summary;
    const of = trainers.length > 1 ? ` of “${name}”` : "";
    return pointOf(trainers[i]!, report, clock, of);
  });
}

function pointOf(
  { step, plan }: Trainer,
  { density, ...report }: Awaited<ReturnType<Trainer["report"]>>,
  clock: Clock,
  of: string,
): Read {
  if (!Number.isFinite(report.reconstructionLoss) || !Number.isFinite(report.explainedVariance)) {
    throw new LabError(
      "degenerate",
      `training${of} failed at step ${step}: the loss is ${report.reconstructionLoss}, ` +
        `the explained variance ${report.explainedVariance}. Use a smaller learning rate, or another hook point.`,
    );
  }
  const point = {
    step,
    tokens: step * plan.batchSize,
    ...report,
    deadShare: report.dead / plan.dSae,
    tokensPerSecond: plan.batchSize / clock.secondsPerStep!, // a lap has just been made
  };
  return { point, density };
}
