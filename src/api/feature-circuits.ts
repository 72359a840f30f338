/** `lab.model.featureCircuit`: one prompt as a graph of SAE features, heads, errors and logits. */
import type { CircuitAnswer, CircuitProgress, CircuitQuestion } from "../core/feature-circuit.ts";
import type { LabClient } from "../rpc/client.ts";
import type { LongOptions } from "./circuits.ts";

export interface FeatureCircuitMethods {
  /** What the prompt's tokens, features, heads, MLPs and errors give to each other and to the logits, pruned by influence. */
  featureCircuit(
    question: CircuitQuestion,
    options?: LongOptions<CircuitProgress>,
  ): Promise<CircuitAnswer>;
}

export const featureCircuitMethods = (client: LabClient): FeatureCircuitMethods => ({
  featureCircuit: async (question, options = {}) =>
    client.call("featureCircuit.make", question, options),
});
