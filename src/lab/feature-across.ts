/** A feature's nearest in the other SAEs of the shelf. */
import { breathe } from "../core/breathe.ts";
import { STREAM_SITES } from "../core/direction.ts";
import type {
  Counted,
  FeatureAcross,
  FeatureRef,
  OtherNeighbours,
} from "../core/feature-studies.ts";
import { parseHook } from "../core/hooks.ts";
import { LabError, toLabError } from "../core/lab-error.ts";
import { outputOf, type SaeConfig, type SaeSummary } from "../core/sae.ts";
import type { Gpt2Config } from "../core/types.ts";
import { randomLargestCosine } from "../math/random-cosine.ts";
import { largest } from "./direct-effects.ts";
import type { OpenedSae } from "./feature-reader.ts";
import { cosinesWith } from "./neuron-features.ts";

const SHOWN = 5;

/** Whether two SAEs write into one space: the same hook point, or both the residual stream, which is one through all layers. */
export function shareSpace(a: SaeConfig, b: SaeConfig, model: Gpt2Config): boolean {
  const [x, y] = [outputOf(a), outputOf(b)];
  if (x.width !== y.width || bareName(a.modelId) !== bareName(b.modelId)) return false;
  const inStream = (hook: string) => {
    const { site } = parseHook(hook, model);
    return STREAM_SITES.some((name) => name === site);
  };
  return x.hook === y.hook || (inStream(x.hook) && inStream(y.hook));
}

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

/** Without the Hub's owner: the same files may have come by hand. */
const bareName = (modelId: string) => modelId.split("/").at(-1);
