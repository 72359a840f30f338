/** Which SAE is on the bench, and whether the prompt can be read with it. */
import type { SaeSummary } from "../core/sae.ts";
import { saeMisfit } from "./sae-fit.ts";
import type { Store } from "./store.ts";

/** The SAE on the bench; null when none is, or the shelf has not been read. */
export const selectedSae = ({ saes, saeId }: Pick<Store, "saes" | "saeId">): SaeSummary | null =>
  saes.status === "ready" ? (saes.value.find(({ id }) => id === saeId) ?? null) : null;

/** The SAE to read the prompt with: the one on the bench if it is finished and fits the model, else none. */
export function saeForPrompt(state: Pick<Store, "saes" | "saeId" | "model">): string | null {
  const sae = selectedSae(state);
  if (sae?.status !== "finished" || state.model.status !== "ready") return null;
  return saeMisfit(sae.config, state.model.value) === null ? sae.id : null;
}
