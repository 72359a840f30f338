/**
 * Activation patching: one activation of a run is put in the place of the same activation of another, and the metric is read
 * again. Which places there are, as the cells of a grid; by TransformerLens's names (its `patching` module).
 */
import { blockHook, type BlockSite } from "./hooks.ts";
import { LabError } from "./lab-error.ts";
import type { RunPair, TaskMetric } from "./task.ts";
import type { Gpt2Config } from "./types.ts";

/** denoise: clean activations into the corrupted run. noise: corrupted ones into the clean run. */
export const DIRECTIONS = ["denoise", "noise"] as const;
export type Direction = (typeof DIRECTIONS)[number];

export const STREAM_UNITS = [
  "resid_pre",
  "resid_mid",
  "resid_post",
  "attn_out",
  "mlp_out",
] as const;
export const HEAD_UNITS = ["z", "q", "k", "v", "pattern"] as const;
export const PATCH_UNITS = [...STREAM_UNITS, ...HEAD_UNITS, "neuron"] as const;
export type PatchUnit = (typeof PATCH_UNITS)[number];

const SITE: Record<PatchUnit, BlockSite> = {
  ...{ resid_pre: "hook_resid_pre", resid_mid: "hook_resid_mid", resid_post: "hook_resid_post" },
  ...{ attn_out: "hook_attn_out", mlp_out: "hook_mlp_out", neuron: "mlp.hook_post" },
  ...{ z: "attn.hook_z", q: "attn.hook_q", k: "attn.hook_k", v: "attn.hook_v" },
  pattern: "attn.hook_pattern",
};
export const isHeadUnit = (unit: PatchUnit): boolean =>
  (HEAD_UNITS as readonly string[]).includes(unit);
export const isStreamUnit = (unit: PatchUnit): boolean =>
  (STREAM_UNITS as readonly string[]).includes(unit);

/**
 * What a sweep patches. Stream units always by place, neurons at all positions of one layer; heads at all positions, or by
 * place: of a pattern, the query's.
 */
export interface PatchSweep {
  unit: PatchUnit;
  /** Of heads. */
  byPlace: boolean;
  /** Of neurons; null for all others. */
  layer: number | null;
}

/** One activation: a hook, and where in it; null: everywhere. */
export interface PatchTarget {
  hook: string;
  layer: number;
  head: number | null;
  neuron: number | null;
  /** Index into the places of the question. */
  place: number | null;
}
export interface PatchGrid {
  /** "L0", "0.3", or the first neuron of a row. */
  rows: readonly string[];
  /** null: the places. */
  columns: readonly string[] | null;
  /** Cells in row-major order; a last row may not be full. */
  count: number;
}

/** Neurons in a row of the grid. */
const FOLD = 32;

/** @param places how many @throws LabError "bad-input" for a layer that there is not */
export function patchGrid(
  { unit, byPlace, layer }: PatchSweep,
  { n_layer, n_head, n_inner }: Pick<Gpt2Config, "n_layer" | "n_head" | "n_inner">,
  places: number,
): PatchGrid {
  const layers = Array.from({ length: n_layer }, (_, l) => `L${l}`);
  const numbers = (count: number) => Array.from({ length: count }, (_, i) => String(i));
  if (unit === "neuron") {
    if (layer === null || !Number.isInteger(layer) || layer < 0 || layer >= n_layer) {
      throw new LabError("bad-input", `layer ${layer} is not among 0 … ${n_layer - 1}`);
    }
    const rows = numbers(Math.ceil(n_inner / FOLD)).map((row) => String(Number(row) * FOLD));
    return { rows, columns: numbers(Math.min(FOLD, n_inner)).map((c) => `+${c}`), count: n_inner };
  }
  if (isStreamUnit(unit)) return { rows: layers, columns: null, count: n_layer * places };
  if (!byPlace) {
    return { rows: layers, columns: numbers(n_head).map((h) => `H${h}`), count: n_layer * n_head };
  }
  const heads = layers.flatMap((_, l) => numbers(n_head).map((h) => `${l}.${h}`));
  return { rows: heads, columns: null, count: heads.length * places };
}

/** What a cell patches. */
export function patchTarget(
  { unit, byPlace, layer }: PatchSweep,
  { n_head }: Pick<Gpt2Config, "n_head">,
  places: number,
  cell: number,
): PatchTarget {
  const at = (l: number, rest: Partial<PatchTarget>): PatchTarget => ({
    ...{ hook: blockHook(l, SITE[unit]), layer: l, head: null, neuron: null, place: null },
    ...rest,
  });
  if (unit === "neuron") return at(layer!, { neuron: cell });
  if (isStreamUnit(unit)) return at(Math.floor(cell / places), { place: cell % places });
  const head = byPlace ? Math.floor(cell / places) : cell;
  return at(Math.floor(head / n_head), {
    head: head % n_head,
    place: byPlace ? cell % places : null,
  });
}

/** "resid_pre of layer 2", "z of head 3.1" */
export function targetName(unit: PatchUnit, { layer, head, neuron }: PatchTarget): string {
  if (neuron !== null) return `neuron ${layer}.${neuron}`;
  if (head !== null) return `${unit} of head ${layer}.${head}`;
  return `${unit} of layer ${layer}`;
}

/** A pair with the positions of each place; a place that the pair lacks has none. */
export interface PatchPair extends RunPair {
  places: readonly (readonly number[])[];
}
export interface PatchQuestion {
  pairs: readonly PatchPair[];
  metric: TaskMetric;
  direction: Direction;
  sweep: PatchSweep;
  /** Only these; null: all. */
  cells: readonly number[] | null;
}
/** Metrics of some patched runs of one pair. */
export interface PatchProgress {
  pair: number;
  cells: readonly number[];
  values: Float64Array;
  done: number;
  total: number;
  secondsLeft: number | null;
}
export interface PatchAnswer {
  /** Runs of all pairs, and how long they took. */
  runs: number;
  seconds: number;
}

/** Gradients where the patched run begins, or their mean on the way of the inputs from one prompt to the other. */
export const ATTRIBUTIONS = ["gradient", "integrated"] as const;
export type AttributionMethod = (typeof ATTRIBUTIONS)[number];

export interface PreviewQuestion extends Omit<PatchQuestion, "cells"> {
  method: AttributionMethod;
  /** Of the integrated way. */
  steps: number;
}
export interface PreviewProgress {
  pair: number;
  /** What each cell's patch is estimated to add to the metric; NaN where the pair lacks the place. */
  values: Float64Array;
  done: number;
  total: number;
}
