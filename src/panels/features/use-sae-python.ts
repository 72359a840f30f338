/** Python of a figure about the SAE on the bench. */
import type { RunFacts, SaeFacts } from "../../python/run-facts.ts";
import { useLab } from "../../state/context.ts";
import { saeFacts, useRunFacts } from "../../state/run-facts.ts";
import { selectedSae } from "../../state/sae-on-bench.ts";
import type { Python } from "../../ui/figure-numbers.ts";

export function useSaePython(make: (facts: RunFacts, sae: SaeFacts) => string): Python {
  const sae = useLab(selectedSae);
  const facts = useRunFacts();
  return sae
    ? () => make(facts(), saeFacts(sae))
    : { none: "the autoencoder is no longer on the shelf." };
}
