/** What feature circuits ask of the worker. It reads and computes, and changes nothing. */
import type { CircuitAnswer, CircuitProgress, CircuitQuestion } from "../core/feature-circuit.ts";
import type { Procedure } from "./procedure.ts";

export interface FeatureCircuitApi {
  "featureCircuit.make": Procedure<CircuitQuestion, CircuitAnswer, CircuitProgress>;
}
