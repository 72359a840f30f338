/** Worker methods by which labels are made, scored and tested. They read and compute, and change nothing. */
import type { AutomaticLabels, LabelCases, LabelProgress } from "../core/label-work.ts";
import type { FeatureExample } from "../core/sae.ts";
import type { Procedure } from "./procedure.ts";

export interface LabelsApi {
  /** Labels from examples and promoted tokens, those of rules scored on held-out text. `features` null: all. */
  "labels.automatic": Procedure<
    { saeId: string; features: readonly number[] | null },
    AutomaticLabels,
    LabelProgress
  >;
  /** Pieces of the corpus to judge a label by: `count` of each kind, from at most so many tokens. */
  "labels.cases": Procedure<
    { saeId: string; feature: number; count: number; tokens: number; seed: number },
    LabelCases,
    { share: number }
  >;
  /** The feature on each text by itself: tokens without BOS, and f on each. */
  "labels.onTexts": Procedure<
    { saeId: string; feature: number; texts: readonly string[] },
    FeatureExample[]
  >;
}
