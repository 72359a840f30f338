/**
 * Edge attribution patching: an estimate, for all edges of a circuit's graph at once, of what corrupting the edge alone in the
 * clean run adds to the metric.
 */
import type { FindMethod } from "./found-circuit.ts";
import type { RunPair, TaskMetric } from "./task.ts";

/**
 * eap: by gradients of the clean run (Syed, Rager and Conmy 2023, "Attribution patching outperforms automated circuit
 * discovery"). eap-ig: by their mean over runs whose token embeddings go from the corrupted prompt's to the clean one's (Hanna,
 * Pezzelle and Belinkov 2024, "Have faith in faithfulness").
 */
export const EAP_METHODS = ["eap", "eap-ig"] as const satisfies readonly FindMethod[];
export type EapMethod = (typeof EAP_METHODS)[number];
export const MOST_EAP_STEPS = 64;

export interface EapQuestion {
  pairs: readonly RunPair[];
  metric: TaskMetric;
  method: EapMethod;
  /** Of eap-ig. */
  steps: number;
}
/** done and total are pairs. */
export interface EapProgress {
  done: number;
  total: number;
  secondsLeft: number | null;
}
export interface EapAnswer {
  /** Of all edges, in the order of `circuitGraph`, in the metric's unit; the mean over the pairs. */
  scores: Float64Array;
  seconds: number;
}
