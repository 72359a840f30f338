/** What a run does before TensorFlow.js is loaded for it: whether it fits, and a place on the shelf. */
import type { TrainPreparation } from "../core/sae.ts";
import type { SweepMember } from "../core/sweep.ts";
import { storeStart } from "./sae-checkpoint.ts";
import { type Job, leadOf, tell, type TrainContext } from "./sae-job.ts";
import { checkMemory } from "./sae-memory.ts";

/** @returns what to tell the user if it could not be put on the shelf @throws LabError "out-of-memory" */
export async function startJob(job: Job, context: TrainContext): Promise<string | undefined> {
  checkMemory(
    job.members.map(({ summary: { name, config }, plan: { batchSize } }) => ({
      ...{ name, config, batchSize },
    })),
    job.model,
  );
  // First of all: who has heard of the run can rely on finding it on the shelf.
  const warning = leadOf(job).checkpoint ? undefined : await storeStart(job);
  sayPreparing(job, context, { what: "corpus", done: 0, total: 0 }, pastOf(job));
  return warning;
}

export const sayPreparing = (
  job: Job,
  context: TrainContext,
  preparation: TrainPreparation,
  past: readonly SweepMember[] = [],
): void =>
  tell(job, context, leadOf(job).checkpoint?.state?.step ?? 0, {
    status: "preparing",
    preparation,
    ...(past.some(({ points }) => points.length > 0) && { past }),
  });

/** The charts of its members up to where it goes on. */
export const pastOf = ({ members }: Job): SweepMember[] =>
  members.map(({ summary: { id, name }, checkpoint }) => ({
    ...{ id, name },
    points: [...(checkpoint?.points ?? [])],
  }));
