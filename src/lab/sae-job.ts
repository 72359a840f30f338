/** A training run as it was asked for, and how it tells of itself. */
import { LabError } from "../core/lab-error.ts";
import type { SaeSummary, TrainProgress, TrainRequest } from "../core/sae.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import type { Context } from "../rpc/serve.ts";
import type { StoredCheckpoint } from "../storage/records.ts";
import type { Plan } from "../train/schedule.ts";
import type { Pause } from "./pause.ts";

export interface Job {
  model: LoadedModel;
  /** As unfinished. */
  summary: SaeSummary;
  request: TrainRequest;
  plan: Plan;
  /** Where to go on; null for a new run. */
  checkpoint: StoredCheckpoint | null;
  pause: Pause;
}
export type TrainContext = Context<TrainProgress>;

export function tell(
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

export function stopIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw new LabError("cancelled", "cancelled");
}
