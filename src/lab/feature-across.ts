/** A feature's nearest in the other SAEs of the shelf. */
import { breathe } from "../core/breathe.ts";
import type {
  Counted,
  FeatureAcross,
  FeatureRef,
  OtherNeighbours,
} from "../core/feature-studies.ts";
import { LabError, toLabError } from "../core/lab-error.ts";
import { outputOf, type SaeSummary } from "../core/sae.ts";
import { randomLargestCosine } from "../math/random-cosine.ts";
import { largest } from "./direct-effects.ts";
import type { OpenedSae } from "./feature-reader.ts";
import { cosinesWith } from "./neuron-features.ts";

const SHOWN = 5;

/**
 * By cosine of decoder directions. An SAE that cannot be opened, because another tab has deleted it, is left out.
 * @throws LabError "cancelled"
 */
export async function neighboursElsewhere(
  { sae, feature }: FeatureRef,
  own: OpenedSae,
  others: readonly SaeSummary[],
  openSae: (id: string) => Promise<OpenedSae>,
  { signal, progress }: { signal: AbortSignal; progress: (counted: Counted) => void },
): Promise<FeatureAcross> {
  const { width } = outputOf(own.config);
  const direction = own.weights.W_dec.subarray(feature * width, (feature + 1) * width);
  const found: OtherNeighbours[] = [];
  for (const [done, { id, name, config }] of others.entries()) {
    progress({ done, total: others.length });
    await breathe();
    if (signal.aborted) throw new LabError("cancelled", "cancelled");
    const other = await openSae(id).catch((e: unknown) => {
      if (toLabError(e).code === "not-found") return null;
      throw e;
    });
    if (!other) continue;
    const cosines = cosinesWith(direction, other.weights.W_dec);
    found.push({
      ...{ saeId: id, name, hook: outputOf(config).hook, dSae: config.dSae },
      nearest: largest(cosines, SHOWN).map((f) => ({ feature: f, cosine: cosines[f]! })),
      byChance: randomLargestCosine(config.dSae, width),
    });
  }
  return { sae, feature, others: found };
}
