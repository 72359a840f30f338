/** A circuit that was found in a model, with the scores it was cut by: plain data that this browser keeps. */
import { type CircuitGraph, circuitGraph, type EdgeMask } from "./circuit.ts";
import type { CircuitView } from "./circuit-view.ts";
import type { TaskMetric } from "./task.ts";

/** `hand`: edges that were set by hand, or came in a file. */
export const FIND_METHODS = ["acdc", "eap", "eap-ig", "hand"] as const;
export type FindMethod = (typeof FIND_METHODS)[number];

/** What a missing edge carries: the corrupted prompt's activation, or nothing. */
export const CORRUPTIONS = ["resample", "zero"] as const;
export type Corruption = (typeof CORRUPTIONS)[number];

export interface FoundCircuit {
  id: string;
  name: string;
  method: FindMethod;
  /** Its id, as in `ModelInfo`, and the sizes that number its edges. */
  model: string;
  n_layer: number;
  n_head: number;
  /** The task's name. */
  task: string;
  /** How many of its pairs were used, and by which metric. */
  pairs: number;
  metric: TaskMetric;
  /** Where the metric is a formula; unknown of circuits from before it was kept. */
  formula?: string;
  corruption: Corruption;
  /** τ */
  threshold: number;
  /** Of EAP-IG, between both prompts; unknown of circuits from before they were told. */
  steps?: number;
  /** Of ACDC; unknown of circuits that came in a file. */
  acdc?: { order: "normal" | "reverse" | "random"; seed: number; absolute: boolean };
  /** Of all edges, in the order of `circuitGraph`; NaN for one without a score; null if there are none at all. */
  scores: Float64Array | null;
  /** Which edges are in it, in the same order. */
  mask: EdgeMask;
  /** How its graph is laid out; none: by itself. */
  view?: CircuitView;
  /** ISO 8601 */
  savedAt: string;
}

export const graphOf = ({ n_layer, n_head }: Pick<FoundCircuit, "n_layer" | "n_head">) =>
  circuitGraph({ n_layer, n_head });

export const edgesKept = (mask: EdgeMask): number => mask.reduce((sum, kept) => sum + kept, 0);

/** Whether a stored value is a circuit that fits its own sizes. */
export function isFoundCircuit(value: unknown): value is FoundCircuit {
  if (typeof value !== "object" || value === null) return false;
  const found = value as Partial<Record<keyof FoundCircuit, unknown>>;
  const sizes = [found.n_layer, found.n_head];
  const whole = (n: unknown) => Number.isInteger(n) && (n as number) > 0;
  if (!sizes.every(whole)) return false;
  const [n_layer, n_head] = sizes as [number, number];
  const { edges }: CircuitGraph = circuitGraph({ n_layer, n_head });
  const { id, name, model, task, savedAt, method, corruption, threshold, pairs } = found;
  return (
    [id, name, model, task, savedAt, found.metric].every((text) => typeof text === "string") &&
    FIND_METHODS.some((known) => known === method) &&
    CORRUPTIONS.some((known) => known === corruption) &&
    typeof threshold === "number" &&
    typeof pairs === "number" &&
    found.mask instanceof Uint8Array &&
    found.mask.length === edges &&
    (found.scores === null ||
      (found.scores instanceof Float64Array && found.scores.length === edges))
  );
}
