/** Python for a feature of the SAE on the bench: all that its dashboard shows. */
import { featurePython } from "../../python/sae.ts";
import { useLab } from "../../state/context.ts";
import { saeFacts, useRunFacts } from "../../state/run-facts.ts";
import { selectedSae } from "../../state/sae-on-bench.ts";
import type { Python } from "../../ui/figure.tsx";

export function useFeaturePython(feature: number): Python {
  const sae = useLab(selectedSae);
  const facts = useRunFacts();
  return sae
    ? () => featurePython(facts(), saeFacts(sae), feature)
    : { none: "the autoencoder is no longer on the shelf." };
}
