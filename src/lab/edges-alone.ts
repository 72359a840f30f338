/**
 * A circuit of edges run alone: every edge that is left out brings, in its sender's place, the sender's mean over corrupted prompts
 * of the template, its value on the pair's corrupted prompt, or nothing. Each circuit is a row of a batch (`edge-runs.ts`), run
 * once however often it is asked for.
 */
import { circuitGraph, type EdgeMask } from "../core/circuit.ts";
import { LabError } from "../core/lab-error.ts";
import type { VerifyQuestion } from "../core/verify.ts";
import type { SenderValues } from "../model/edge-feeds.ts";
import { type CircuitRuns, type Cut, groupKey, referenceGroups } from "./circuit-alone.ts";
import { corruptedValues, type EdgeBench, edgeRuns, sent } from "./edge-runs.ts";
import { checkPairs } from "./task-baseline.ts";

type Setup = Pick<VerifyQuestion, "pairs" | "references" | "metric" | "ablation">;

/** @throws LabError "bad-input" for pairs, or (when asked) edges, that there are not */
export async function edgesAlone(
  model: EdgeBench,
  setup: Setup,
  signal: AbortSignal,
): Promise<CircuitRuns<number>> {
  const { pairs, metric, ablation } = setup;
  checkPairs(model, pairs);
  const { edges } = circuitGraph(model.info.config);
  const groups = ablation === "mean" ? referenceGroups(setup) : null;
  const instead = groups
    ? await meanValues(model, pairs, groups, signal)
    : await corruptedValues(model, pairs, ablation === "zero" ? "zero" : "resample", signal);
  const { byPair } = await edgeRuns(model, { pairs, metric, instead }, signal);

  const known = new Map<string, Float64Array>();
  const keyOf = (cut: Cut<number>) => {
    const [kind, list] = "kept" in cut ? ["kept", cut.kept] : ["removed", cut.removed];
    const bad = list.find((edge) => !(Number.isInteger(edge) && edge >= 0 && edge < edges));
    if (bad !== undefined) {
      throw new LabError("bad-input", `edge ${bad} is not among 0 … ${edges - 1}`);
    }
    return `${kind} ${[...new Set(list)].sort((a, b) => a - b).join()}`;
  };
  const unknown = (cuts: readonly Cut<number>[]) =>
    [...new Map(cuts.map((cut) => [keyOf(cut), cut]))].filter(([key]) => !known.has(key));
  return {
    leastReferences: groups && Math.min(...[...groups.values()].map((group) => group.length)),
    cost: (cuts) => unknown(cuts).length * pairs.length,
    evaluate: async (cuts, ran) => {
      const asked = unknown(cuts);
      const found = await byPair(
        asked.map(([, cut]) => maskOf(cut, edges)),
        ran,
      );
      asked.forEach(([key], i) => known.set(key, found[i]!));
      return cuts.map((cut) => known.get(keyOf(cut))!);
    },
  };
}

function maskOf(cut: Cut<number>, edges: number): EdgeMask {
  const isKept = "kept" in cut;
  const mask = new Uint8Array(edges).fill(isKept ? 0 : 1);
  for (const edge of isKept ? cut.kept : cut.removed) mask[edge] = isKept ? 1 : 0;
  return mask;
}

/** Of each pair's template, what each sender writes in the mean over its reference prompts, summed in float64. */
async function meanValues(
  model: EdgeBench,
  pairs: Setup["pairs"],
  groups: ReadonlyMap<string, readonly number[][]>,
  signal: AbortSignal,
): Promise<SenderValues[]> {
  const means = new Map<string, Float32Array>();
  for (const [key, prompts] of groups) {
    let sum: Float64Array | null = null;
    for (const ids of prompts) {
      const values = await sent(model, ids, signal);
      sum ??= new Float64Array(values.length);
      for (let i = 0; i < values.length; i++) sum[i]! += values[i]!;
      signal.throwIfAborted();
    }
    means.set(
      key,
      Float32Array.from(sum!, (v) => v / prompts.length),
    );
  }
  return pairs.map(({ clean, places }) => means.get(groupKey(clean.length, places))!);
}
