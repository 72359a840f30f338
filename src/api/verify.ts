/** `lab.model.verifyCircuit`: faithfulness, completeness and minimality of a circuit of heads and MLPs. */
import type { VerifyAnswer, VerifyProgress, VerifyQuestion } from "../core/verify.ts";
import type { LabClient } from "../rpc/client.ts";
import type { LongOptions } from "./circuits.ts";

export interface VerifyMethods {
  /** What is found, the metric of each run by pair, comes by `onProgress`. */
  verifyCircuit(
    question: VerifyQuestion,
    options?: LongOptions<VerifyProgress>,
  ): Promise<VerifyAnswer>;
}

export const verifyMethods = (client: LabClient): VerifyMethods => ({
  verifyCircuit: async (question, options = {}) => client.call("circuit.verify", question, options),
});
