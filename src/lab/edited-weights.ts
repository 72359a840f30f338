/** The edited checkpoint of a base: the weights made from the list of edits, with what was tuned out of storage. */
import type { EditedSpec, WeightEdit } from "../core/model-edit.ts";
import { editWeights } from "../math/weight-edits.ts";
import type { Checkpoint } from "../model/checkpoint.ts";
import { editedCheckpoint } from "../model/edited-checkpoint.ts";
import { loadTuned } from "../storage/edited-store.ts";

/** Changed tensors by name, float32. */
export const changedTensors = (
  edits: readonly WeightEdit[],
  base: Pick<Checkpoint, "config">,
  read: (name: string) => Promise<Float32Array>,
): Promise<Map<string, Float32Array>> =>
  editWeights(edits, base.config, { read, deltas: loadTuned });

export async function withEdits(
  base: Checkpoint,
  { id, name, edits }: EditedSpec,
): Promise<Checkpoint> {
  const changed = await changedTensors(edits, base, readFrom(base));
  const count = edits.filter(({ on }) => on).length;
  return editedCheckpoint(base, changed, name, { id, base: base.id, edits: count });
}

export const readFrom =
  (base: Pick<Checkpoint, "readTensor">) =>
  async (name: string): Promise<Float32Array> =>
    (await base.readTensor(name)).data;
