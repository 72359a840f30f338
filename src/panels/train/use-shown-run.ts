/** The run whose charts are on the page. */
import type { SaeSummary } from "../../core/sae.ts";
import { useLab } from "../../state/context.ts";

/** Its (first) SAE as it is on the shelf; null while a run is under way, and if it is not there. */
export function useShownRun(): SaeSummary | null {
  const training = useLab((s) => s.training);
  const id = useLab((s) => s.shownRun);
  const saes = useLab((s) => s.saes);
  if (training.status === "ready") return training.value;
  if (training.status === "running" || saes.status !== "ready") return null;
  return saes.value.find((sae) => sae.id === id) ?? null;
}
