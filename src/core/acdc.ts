/**
 * ACDC, automatic circuit discovery (Conmy et al. 2023): of a model's graph each edge in turn is cut, readers from the logits
 * backwards; if the metric does not rise by τ it stays cut, else it is put back. What is left is the circuit.
 */
import { type CircuitGraph, circuitGraph, type EdgeMask } from "./circuit.ts";
import { type Corruption, CORRUPTIONS } from "./found-circuit.ts";
import { type RunPair, TASK_METRICS, type TaskMetric } from "./task.ts";

/** In which order the edges into one reader are tried: from the last sender to the input, the other way round, or by chance. */
export const EDGE_ORDERS = ["normal", "reverse", "random"] as const;
export type EdgeOrder = (typeof EDGE_ORDERS)[number];

export interface AcdcSettings {
  /** τ, in the metric's unit. */
  threshold: number;
  /** KL, or rank, is to stay low; of all others the fall counts as a rise. */
  metric: TaskMetric;
  corruption: Corruption;
  order: EdgeOrder;
  /** Of the order by chance. */
  seed: number;
  /** Whether a change for the better keeps an edge, too. */
  absolute: boolean;
}
export interface AcdcQuestion extends AcdcSettings {
  pairs: readonly RunPair[];
  /** Where an earlier search of the same question stopped; null: from the start. */
  state: AcdcState | null;
}

/** How far a search is: plain data, with which it goes on. */
export interface AcdcState {
  /** Edges of the order that are decided. */
  decided: number;
  /** 1 for those that are kept, or not decided yet. */
  mask: EdgeMask;
  /** What cutting an edge added to the loss when it was its turn; NaN before. */
  rises: Float64Array;
  /** The loss with the mask as it is: the metric, or its negative. */
  loss: number;
  /** Edges that were decided by a run; the others had nothing after them, and no effect. */
  tested: number;
  /** Of computing, all sittings together. */
  seconds: number;
}
export interface AcdcProgress {
  state: AcdcState;
  total: number;
  /** Edges that are decided and kept. */
  kept: number;
  /** Edges decided in a second, in this sitting. */
  rate: number;
  secondsLeft: number;
}
export interface AcdcAnswer {
  state: AcdcState;
  /** Without the edges that nothing reaches, or that reach nothing. */
  mask: EdgeMask;
}

/** A search as this browser keeps it, so that it goes on after a reload. */
export interface AcdcSearch {
  /** The model's id, and the sizes that number its edges. */
  model: string;
  n_layer: number;
  n_head: number;
  /** The task's name. */
  task: string;
  question: Omit<AcdcQuestion, "state">;
  state: AcdcState;
}

/** Whether a stored value is one that fits its own sizes. */
export function isAcdcSearch(value: unknown): value is AcdcSearch {
  const record = (x: unknown) =>
    typeof x === "object" && x !== null ? (x as Record<string, unknown>) : {};
  const { model, n_layer, n_head, task, question, state } = record(value);
  const { pairs, threshold, metric, corruption, order, seed, absolute } = record(question);
  const { decided, mask, rises, loss, tested, seconds } = record(state);
  if (![n_layer, n_head].every((n) => Number.isInteger(n) && (n as number) > 0)) return false;
  const { edges } = circuitGraph({ n_layer: n_layer as number, n_head: n_head as number });
  return (
    [model, task].every((text) => typeof text === "string") &&
    [threshold, seed, decided, loss, tested, seconds].every((n) => typeof n === "number") &&
    TASK_METRICS.some((known) => known === metric) &&
    CORRUPTIONS.some((known) => known === corruption) &&
    EDGE_ORDERS.some((known) => known === order) &&
    typeof absolute === "boolean" &&
    Array.isArray(pairs) &&
    mask instanceof Uint8Array &&
    mask.length === edges &&
    rises instanceof Float64Array &&
    rises.length === edges
  );
}

/** Whether a metric's rise is for the worse. */
export const isLoss = (metric: TaskMetric): boolean => metric === "kl" || metric === "rank";

export const startOf = ({ edges }: CircuitGraph, loss: number): AcdcState => ({
  ...{ decided: 0, mask: new Uint8Array(edges).fill(1), loss, tested: 0, seconds: 0 },
  rises: new Float64Array(edges).fill(NaN),
});

/** Edges that are decided and kept. */
export const keptOf = ({ decided, mask }: AcdcState): number =>
  mask.reduce((sum, one) => sum + one, 0) - (mask.length - decided);
