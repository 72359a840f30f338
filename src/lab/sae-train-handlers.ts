/** Worker methods that train: one SAE, several on one stream, and what was stopped before its end. */
import { LabError } from "../core/lab-error.ts";
import type { SaeSummary, TrainRequest } from "../core/sae.ts";
import { MOST_MEMBERS } from "../core/sweep.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import type { Handlers } from "../rpc/serve.ts";
import type { StoredCheckpoint } from "../storage/records.ts";
import { loadCheckpoint } from "../storage/sae-store.ts";
import { bench } from "./bench.ts";
import { fittingModel } from "./sae-dashboard.ts";
import type { Job, Member, TrainContext } from "./sae-job.ts";
import { withSaeLocks } from "./sae-lock.ts";
import { exclusively, type Run } from "./sae-queue.ts";
import { checkSameModel } from "./sae-same-model.ts";
import { startJob } from "./sae-start.ts";
import { configFor, nameFor, planTraining, weightBytes } from "./sae-request.ts";
import { newId } from "../core/new-id.ts";

export const trainHandlers: Pick<Handlers, "sae.train" | "sae.sweep" | "sae.continue"> = {
  "sae.train": (request, context) =>
    exclusively(`the training of "${request.name ?? request.hook}"`, context, async (run) => {
      const model = bench.require();
      return { value: await train(model, [newMember(request, model)], run, context) };
    }),

  "sae.sweep": ({ requests }, context) =>
    exclusively(`a sweep of ${requests.length}`, context, async (run) => {
      checkSweep(requests);
      const model = bench.require();
      const members = requests.map((request) => newMember(request, model));
      return { value: await train(model, members, run, context) };
    }),

  "sae.continue": ({ id }, context) =>
    exclusively("a continued run", context, async (run) => {
      run.id = id;
      const found = await ofOneRun(id);
      const [{ summary }] = found;
      const model = fittingModel(summary);
      checkSameModel(summary, model.info.id);
      const members = found.map(({ summary, checkpoint }): Member => {
        const { request } = checkpoint;
        return { summary, request, plan: planTraining(request, model.info.config), checkpoint };
      });
      return { value: await train(model, members, run, context) };
    }),
};

/** @returns the first of them */
async function train(
  model: LoadedModel,
  members: readonly Member[],
  run: Run,
  context: TrainContext,
): Promise<SaeSummary> {
  const [first = "", ...others] = members.map(({ summary }) => summary.id);
  run.id = first;
  run.also = others;
  const job = { model, members, pause: run.pause };
  const [summary] = await withSaeLocks([first, ...others], () => runStarted(job, context));
  return summary!;
}

/** It is on the shelf before TensorFlow.js is there to train it. */
export async function runStarted(job: Job, context: TrainContext): Promise<SaeSummary[]> {
  const warning = await startJob(job, context);
  const { runJob } = await import("./sae-run.ts");
  return runJob(job, context, warning);
}

function newMember(request: TrainRequest, { info }: LoadedModel): Member {
  const plan = planTraining(request, info.config);
  const config = configFor(request, plan, info);
  const summary: SaeSummary = {
    id: newId(),
    name: nameFor(request, plan),
    config,
    request,
    metrics: null,
    trainedTokens: 0,
    status: "unfinished",
    origin: "trained",
    createdAt: new Date().toISOString(),
    bytes: weightBytes(config),
    hasDashboards: false,
  };
  return { summary, request, plan, checkpoint: null };
}

/** What the stream of activations depends on: in a sweep all must agree in it. */
const STREAM = ["hook", "batchSize", "tokens", "seed"] as const;

const OBJECTS: [name: string, of: (request: TrainRequest) => unknown][] = [
  ["out.hook", ({ out }) => out?.hook],
  ["texts", ({ texts }) => JSON.stringify(texts ?? [])],
];

/** @throws LabError "bad-input" for no members, too many, or such as cannot share a stream */
export function checkSweep(requests: readonly TrainRequest[]): void {
  const { length } = requests;
  if (length < 1 || length > MOST_MEMBERS) {
    throw new LabError("bad-input", `a sweep has 1 to ${MOST_MEMBERS} members, this one ${length}`);
  }
  for (const request of requests) {
    const other = STREAM.find((name) => request[name] !== requests[0]![name]);
    const differs =
      other ?? OBJECTS.find(([, of]) => of(request) !== of(requests[0]!))?.[0] ?? null;
    if (differs === null) continue;
    throw new LabError(
      "bad-input",
      `the members of a sweep are trained on one stream, so they must agree in ${differs}`,
    );
  }
}

interface Stored {
  summary: SaeSummary;
  checkpoint: StoredCheckpoint;
}
/** The run's last checkpoint; of a sweep all that are where it is, and not finished or deleted. */
async function ofOneRun(id: string): Promise<[Stored, ...Stored[]]> {
  const own = await loadCheckpoint(id);
  const others: Stored[] = [];
  for (const other of own.checkpoint.sweep ?? []) {
    if (other === id) continue;
    const found = await loadCheckpoint(other).catch(() => null);
    if (found && standsBeside(found.checkpoint, own.checkpoint)) others.push(found);
  }
  return [own, ...others];
}

const standsBeside = (a: StoredCheckpoint, b: StoredCheckpoint): boolean =>
  a.state?.step === b.state?.step &&
  a.position.epoch === b.position.epoch &&
  a.position.shard === b.position.shard &&
  a.position.context === b.position.context;
