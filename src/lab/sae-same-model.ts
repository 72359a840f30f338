/** Whether a run may go on with the model on the bench. */
import { LabError } from "../core/lab-error.ts";
import type { SaeSummary } from "../core/sae.ts";

/** The shapes may agree, but its first part was trained on another model's activations. @throws LabError "unsupported" */
export function checkSameModel({ config }: Pick<SaeSummary, "config">, id: string): void {
  if (bareName(id) === bareName(config.modelId)) return;
  throw new LabError(
    "unsupported",
    `this run was begun on ${config.modelId}, and ${id} is on the bench; load ${config.modelId} to go on`,
  );
}

/** Without the Hub's owner: the same files may have come by hand. */
const bareName = (modelId: string) => modelId.split("/").at(-1);
