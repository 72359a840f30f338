/** A training run as it was asked for, and how it tells of itself. */
import { LabError } from "../core/lab-error.ts";
import type { SaeSummary, TrainProgress, TrainRequest } from "../core/sae.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import type { Context } from "../rpc/serve.ts";
import type { StoredCheckpoint } from "../storage/records.ts";
import type { Plan } from "../train/schedule.ts";
import type { Pause } from "./pause.ts";

/** One SAE of a run. */
export interface Member {
  /** As unfinished. */
  summary: SaeSummary;
  request: TrainRequest;
  plan: Plan;
  /** Where to go on; null for a new run. */
  checkpoint: StoredCheckpoint | null;
}
export interface Job {
  model: LoadedModel;
  /**
   * One, or the several of a sweep: they are trained on the same batches of one stream, and agree in all that it depends on
   * (hooks, batch size, budget, seed).
   */
  members: readonly Member[];
  pause: Pause;
}
export type TrainContext = Context<TrainProgress>;

/** The one that speaks for the run where all agree. */
export const leadOf = ({ members }: Pick<Job, "members">): Member => members[0]!;

export function tell(
  job: Job,
  { progress }: TrainContext,
  step: number,
  change: Partial<TrainProgress> & Pick<TrainProgress, "status">,
): void {
  const { summary, plan } = leadOf(job);
  const { members } = job;
  progress({
    runId: summary.id,
    step,
    tokens: step * plan.batchSize,
    totalTokens: plan.steps * plan.batchSize,
    secondsLeft: null,
    points: [],
    dashboardShare: 0,
    ...(members.length > 1 && {
      members: members.map(({ summary: { id, name } }) => ({ id, name, points: [] })),
    }),
    ...change,
  });
}

export function stopIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw new LabError("cancelled", "cancelled");
}
