/** `lab.model.acdc`: the search for a circuit, edge by edge. */
import type { AcdcAnswer, AcdcProgress, AcdcQuestion } from "../core/acdc.ts";
import type { LabClient } from "../rpc/client.ts";
import type { LongOptions } from "./circuits.ts";

export interface AcdcMethods {
  /** Each `onProgress` has a state from which the search goes on, given as the question's. */
  acdc(question: AcdcQuestion, options?: LongOptions<AcdcProgress>): Promise<AcdcAnswer>;
}

export const acdcMethods = (client: LabClient): AcdcMethods => ({
  acdc: async (question, options = {}) => client.call("circuits.acdc", question, options),
});
