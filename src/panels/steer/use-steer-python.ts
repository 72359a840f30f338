/** Python for the features that are turned up or down on the bench. */
import type { SamplingOptions } from "../../core/types.ts";
import { steerPython } from "../../python/steer.ts";
import { useLab } from "../../state/context.ts";
import { saeFacts, useRunFacts } from "../../state/run-facts.ts";
import { selectedSae } from "../../state/sae-on-bench.ts";
import type { Python } from "../../ui/figure.tsx";

export function useSteerPython(): (sampling: SamplingOptions | null) => Python {
  const sae = useLab(selectedSae);
  const features = useLab((s) => s.steerFeatures);
  const facts = useRunFacts();
  return (sampling) =>
    sae
      ? () => steerPython(facts(), saeFacts(sae), features, sampling)
      : { none: "there is no autoencoder on the bench." };
}
