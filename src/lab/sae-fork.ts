/**
 * A fork: a copy of where a run stands, stored under a new name and with some settings changed, and gone on with like any run
 * that was stopped. The one that it comes from stays as it is.
 */
import { LabError } from "../core/lab-error.ts";
import { type ForkChange, forkedRequest, forkName } from "../core/sae-fork.ts";
import type { SaeSummary } from "../core/sae.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import { loadForkPoint, saveCheckpoints } from "../storage/sae-store.ts";
import type { Pause } from "./pause.ts";
import { fittingModel } from "./sae-dashboard.ts";
import type { Job } from "./sae-job.ts";
import { configFor, planTraining } from "./sae-request.ts";
import { checkSameModel } from "./sae-same-model.ts";
import { newId } from "../core/new-id.ts";

/**
 * @throws LabError "not-found" where there is nothing to go on from; "bad-input" for a change that cannot be made; "quota"
 */
export async function fork(
  id: string,
  change: ForkChange,
  model: LoadedModel,
  pause: Pause,
): Promise<Job> {
  const { summary: from, checkpoint, weights } = await loadForkPoint(id);
  fittingModel(from);
  checkSameModel(from, model.info.id);
  const { state, position, points = [] } = checkpoint;
  if (!state) {
    throw new LabError("not-found", `"${from.name}" has not made a step yet; start a new run`);
  }
  const request = forkedRequest(checkpoint.request, change);
  const plan = planTraining(request, model.info.config);
  if (plan.steps <= state.step) {
    throw new LabError(
      "bad-input",
      `tokens is ${request.tokens}, and "${from.name}" has used ${state.step * plan.batchSize} already; a fork needs more`,
    );
  }
  const name = change.name?.trim() ?? "";
  const named = { name: from.name, request: checkpoint.request };
  const summary: SaeSummary = {
    ...from,
    id: newId(),
    name: (name === "" ? forkName(named, change, state.step) : name).slice(0, 200),
    config: configFor(request, plan, model.info),
    request,
    metrics: null,
    trainedTokens: state.step * plan.batchSize,
    status: "unfinished",
    createdAt: new Date().toISOString(),
    hasDashboards: false,
    forkedFrom: { id, name: from.name, step: state.step },
  };
  const point = { request, position, seconds: 0, state, points };
  await saveCheckpoints([{ summary, weights, checkpoint: point }]);
  return { model, members: [{ summary, request, plan, checkpoint: point }], pause };
}
