/** Edge attribution patching, as the worker serves it. */
import type { EapAnswer, EapProgress, EapQuestion } from "../core/edge-attribution.ts";
import type { Procedure } from "./procedure.ts";

export interface EapApi {
  "circuits.eap": Procedure<EapQuestion, EapAnswer, EapProgress>;
}
