/** Patching by its definition, in float64: one run for each cell, the value put in number by number. */
import {
  patchGrid,
  type Direction,
  type PatchPair,
  type PatchSweep,
  type PatchUnit,
} from "../../src/core/patching.ts";
import type { TaskMetric } from "../../src/core/task.ts";
import type { ReferenceEdit } from "../reference/forward.ts";
import { referenceRun } from "../reference/forward.ts";
import { logSoftmax } from "../reference/metrics.ts";
import type { ReferenceModel } from "../reference/weights.ts";

const HOOK: Record<PatchUnit, string> = {
  ...{ resid_pre: "hook_resid_pre", resid_mid: "hook_resid_mid", resid_post: "hook_resid_post" },
  ...{ attn_out: "hook_attn_out", mlp_out: "hook_mlp_out", neuron: "mlp.hook_post" },
  ...{ z: "attn.hook_z", q: "attn.hook_q", k: "attn.hook_k", v: "attn.hook_v" },
  pattern: "attn.hook_pattern",
};

export interface ReferenceCell {
  hook: string;
  /** Whether a coordinate of the hook, [T, …] or [H, T, S], is replaced. */
  inside: (at: readonly number[]) => boolean;
  /** Whether the pair has such a place. */
  there: boolean;
}

/** By the words of the sweep, without the code's own reading of a cell's number. */
export function referenceCell(
  { unit, byPlace, layer }: PatchSweep,
  { n_head }: { n_head: number },
  pair: PatchPair,
  cell: number,
): ReferenceCell {
  const P = pair.places.length;
  const isHead = ["z", "q", "k", "v", "pattern"].includes(unit);
  const pos = unit === "pattern" ? 1 : 0;
  const headAxis = unit === "pattern" ? 0 : 1;
  if (unit === "neuron") {
    return { hook: `blocks.${layer!}.mlp.hook_post`, inside: (at) => at[1] === cell, there: true };
  }
  const positions = !isHead || byPlace ? pair.places[cell % P]! : null;
  const rest = positions === null ? cell : Math.floor(cell / P);
  const l = isHead ? Math.floor(rest / n_head) : rest;
  return {
    hook: `blocks.${l}.${HOOK[unit]}`,
    inside: (at) =>
      (positions === null || positions.includes(at[pos]!)) &&
      (!isHead || at[headAxis] === rest % n_head),
    there: positions === null || positions.length > 0,
  };
}

/** x + share · (source − x) inside. */
export const putIn = (
  { hook, inside }: ReferenceCell,
  source: Float64Array,
  share = 1,
): ReferenceEdit => ({
  apply: (name, x, dims) =>
    name !== hook
      ? x
      : x.map((v, index) => {
          const at: number[] = [];
          let rest = index;
          for (let axis = dims.length - 1; axis > 0; axis--) {
            at.unshift(rest % dims[axis]!);
            rest = Math.floor(rest / dims[axis]!);
          }
          return inside(at) ? v + share * (source[index]! - v) : v;
        }),
});

export const FORMULA = "logitDiff * prob - logProb / 2";

/** The metric of the last position, anew. */
export function referenceMetric(
  metric: TaskMetric,
  logits: Float64Array,
  V: number,
  pair: PatchPair,
  cleanLogits: Float64Array,
): number {
  const { answers, wrong } = pair;
  const z = logits.subarray(logits.length - V);
  const log = logSoftmax(z);
  const p = log.map(Math.exp);
  const total = (ids: readonly number[], of: Float64Array) =>
    ids.map((id) => of[id]!).reduce((a, b) => a + b, 0);
  switch (metric) {
    case "logitDiff":
      return total(answers, z) / answers.length - total(wrong, z) / wrong.length;
    case "logProb":
      return Math.log(total(answers, p));
    case "prob":
      return total(answers, p);
    case "probDiff":
      return total(answers, p) - total(wrong, p);
    case "rank": {
      const best = Math.max(...answers.map((id) => z[id]!));
      return 1 + z.filter((v) => v > best).length;
    }
    case "formula": {
      const own = (name: TaskMetric) => referenceMetric(name, logits, V, pair, cleanLogits);
      return own("logitDiff") * own("prob") - own("logProb") / 2; // FORMULA
    }
    case "kl": {
      const q = logSoftmax(cleanLogits.subarray(cleanLogits.length - V));
      return q.reduce((sum, l, i) => sum + Math.exp(l) * (l - log[i]!), 0);
    }
  }
}

export interface ReferenceSweep {
  /** The metric with a share of each cell's patch put in; NaN where the pair lacks the place. */
  values: (share?: number, only?: readonly number[]) => number[];
}

export function referenceSweep(
  model: ReferenceModel,
  pair: PatchPair,
  sweep: PatchSweep,
  direction: Direction,
  metric: TaskMetric,
): ReferenceSweep {
  const { config } = model;
  const [clean, corrupted] = [[pair.clean], [pair.corrupted]];
  const [base, source] = direction === "denoise" ? [corrupted, clean] : [clean, corrupted];
  const from = referenceRun(model, source);
  const cleanLogits = referenceRun(model, clean).get("logits").value;
  const { count } = patchGrid(sweep, config, pair.places.length);
  return {
    values: (share = 1, only = Array.from({ length: count }, (_, i) => i)) =>
      only.map((index) => {
        const cell = referenceCell(sweep, config, pair, index);
        if (!cell.there) return NaN;
        const run = referenceRun(model, base, [putIn(cell, from.get(cell.hook).value, share)]);
        const logits = run.get("logits").value;
        return referenceMetric(metric, logits, config.vocab_size, pair, cleanLogits);
      }),
  };
}
