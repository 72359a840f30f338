/** What the feature dashboard asks of the worker beside what is stored. Every method computes and changes nothing. */
import type { Basis } from "../core/basis.ts";
import type {
  AblationEffects,
  AblationRequest,
  ContextEffects,
  Counted,
  FeatureAcross,
  FeatureNeurons,
  FeatureOnText,
  FeatureRef,
  FeaturesByToken,
} from "../core/feature-studies.ts";
import type { FeatureMap, MapProgress, MapRecipe } from "../core/feature-map.ts";
import type { Procedure } from "./procedure.ts";

export interface FeatureStudyApi {
  /** Neurons of a layer beside a feature. */
  "study.featureNeurons": Procedure<FeatureRef & { layer: number }, FeatureNeurons>;
  /** The nearest features of every other SAE of the shelf that writes into the same space. */
  "study.featureAcross": Procedure<FeatureRef, FeatureAcross, Counted>;
  /** A map of all features: the stored one, or a new one, which is then stored. null: there is none, and none was asked for. */
  "study.featureMap": Procedure<
    { sae: string; make: MapRecipe | null },
    FeatureMap | null,
    MapProgress
  >;
  "study.featureText": Procedure<FeatureRef & { text: string }, FeatureOnText>;
  /** `token`: an id, or a text that is one token. */
  "study.featuresByToken": Procedure<
    { sae: string; token: number | string; basis: Basis; n: number },
    FeaturesByToken
  >;
  /** What taking the feature out does to the next tokens. Contexts are told as they are done. */
  "study.featureAblation": Procedure<
    AblationRequest,
    AblationEffects,
    Counted & { found: ContextEffects[] }
  >;
}
