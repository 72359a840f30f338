/** Python for a feature of the SAE on the bench: all that its dashboard shows. */
import { featurePython } from "../../python/sae.ts";
import type { Python } from "../../ui/figure-numbers.ts";
import { useSaePython } from "./use-sae-python.ts";

export const useFeaturePython = (feature: number): Python =>
  useSaePython((facts, sae) => featurePython(facts, sae, feature));
