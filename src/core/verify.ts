/**
 * Testing a circuit: it is run alone, all else replaced, and the metric is read. F is the metric's mean over the pairs' clean
 * prompts; C the circuit, M the whole model, ∅ the circuit of nothing, K a part of C, v one node of it. A circuit is of nodes, or
 * of edges (`core/circuit.ts`): an edge that is left out brings what would stand in its sender's place.
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
/** Where a random circuit has its edges: on paths from the input to the logits, or as many between each two layers. */
export const RANDOM_EDGES_BY = ["paths", "layer"] as const;
export type RandomBy = (typeof RANDOM_BY | typeof RANDOM_EDGES_BY)[number];

/** Edges of a circuit that is tested: each of them is run without, for every K. */
export const MOST_EDGES = 500;

/** A node of the circuit. */
export interface CircuitUnit {
  layer: number;
  /** null: the layer's MLP. */
  head: number | null;
  /** Indices into the pairs' places; null: every position. */
  places: readonly number[] | null;
}
/** Units, or edges, by index that are removed together. */
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
  /** Edges by number (`circuitGraph`) in the nodes' place: then there are no units, and MLPs are in the graph. null: nodes. */
  edges: readonly number[] | null;
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

/** What was asked, once the prompts are there. */
export interface VerifyAsked {
  question: VerifyQuestion;
  names: readonly string[];
  circuitName: string;
  task: string;
  /** The draw of the prompts; null: the open task's own. */
  seed: number | null;
  /** Pairs of the draw that were left out, since the open task has them. */
  dropped: number;
}

/** A test as this browser keeps it, so that what was found is there after a reload. */
export interface KeptTest {
  /** What was asked of what, as a text: equal texts, equal tests. */
  key: string;
  /** Or stopped. */
  done: boolean;
  asked: VerifyAsked;
  found: readonly VerifyFinding[];
  runs: number;
  seconds: number;
  /** ISO 8601 */
  savedAt: string;
}

/** Whether a stored value is a test of this version. */
export function isKeptTest(value: unknown): value is KeptTest {
  const record = (x: unknown) =>
    typeof x === "object" && x !== null ? (x as Record<string, unknown>) : {};
  const { key, done, asked, found, runs, seconds, savedAt } = record(value);
  const { question, names } = record(asked);
  const { pairs, units, edges } = record(question);
  return (
    [key, savedAt].every((text) => typeof text === "string") &&
    [runs, seconds].every((n) => typeof n === "number") &&
    typeof done === "boolean" &&
    [pairs, units, names, found].every((list) => Array.isArray(list)) &&
    (edges === null || Array.isArray(edges))
  );
}

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
