/**
 * Testing a circuit: it is run alone, all else replaced, and the metric is read. F is the metric's mean over the pairs' clean
 * prompts; C the circuit, M the whole model, ∅ the circuit of nothing, K a part of C, v one node of it.
 */
import type { PatchPair } from "./patching.ts";
import type { TaskMetric } from "./task.ts";

/**
 * What stands in the place of a node that is left out. mean: its mean over reference prompts, position by position, of the
 * template's own. resample: its value on the pair's corrupted prompt. zero: nothing.
 */
export const CIRCUIT_ABLATIONS = ["mean", "resample", "zero"] as const;
export type CircuitAblation = (typeof CIRCUIT_ABLATIONS)[number];

/** Where a random circuit has its nodes: as many in each layer as the circuit, or wherever. */
export const RANDOM_BY = ["layer", "any"] as const;
export type RandomBy = (typeof RANDOM_BY)[number];

/** A node of the circuit. */
export interface CircuitUnit {
  layer: number;
  /** null: the layer's MLP. */
  head: number | null;
  /** Indices into the pairs' places; null: every position. */
  places: readonly number[] | null;
}
/** Units by index that are removed together. */
export interface UnitClass {
  name: string;
  units: readonly number[];
}

/** Token ids with the positions of each place: prompts with equal ones are of one template. */
export interface ReferencePrompt {
  ids: readonly number[];
  places: readonly (readonly number[])[];
}

export interface VerifyQuestion {
  pairs: readonly PatchPair[];
  /** Prompts that means are taken over, beside the pairs' own corrupted ones. */
  references: readonly ReferencePrompt[];
  metric: TaskMetric;
  ablation: CircuitAblation;
  units: readonly CircuitUnit[];
  classes: readonly UnitClass[];
  /** Whether MLPs are nodes; if not, all of them stay as they are. */
  withMlps: boolean;
  random: { count: number; by: RandomBy };
  /** How many random K. */
  subsets: number;
  /** Whether a K is looked for step by step. */
  greedy: boolean;
  seed: number;
}

/** A part K of the circuit: units by index. */
export interface UnitSet {
  kind: "none" | "class" | "random" | "greedy";
  name: string;
  units: readonly number[];
}
/** F by pair. */
export type ByPair = Float64Array;

export type VerifyFinding =
  | {
      kind: "ends";
      full: ByPair;
      circuit: ByPair;
      empty: ByPair;
      /** The fewest prompts that a mean was taken over; null where none was. */
      leastReferences: number | null;
    }
  | { kind: "random"; values: ByPair }
  /** F(C∖K) and F(M∖K) */
  | { kind: "subset"; set: UnitSet; circuit: ByPair; model: ByPair }
  /** F(C∖K) and F(C∖(K∪{v})), of the K that parts them most */
  | { kind: "needed"; unit: number; set: UnitSet; before: ByPair; after: ByPair };

export interface VerifyProgress {
  found: readonly VerifyFinding[];
  /** Runs of one prompt. */
  done: number;
  total: number;
  secondsLeft: number | null;
}
export interface VerifyAnswer {
  runs: number;
  seconds: number;
}
