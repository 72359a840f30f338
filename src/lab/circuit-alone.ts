/**
 * A circuit of heads and MLPs run alone: every node that is left out is replaced, at the positions where it is left out, by its
 * mean, by another prompt's value, or by 0. Heads are replaced at hook_z, MLPs at hook_mlp_out. Each circuit is a row of a
 * batch (`experiments.ts`), run once however often it is asked for.
 */
import type { DirectEdit } from "../core/edits.ts";
import { blockHook } from "../core/hooks.ts";
import { LabError } from "../core/lab-error.ts";
import type { PatchPair } from "../core/patching.ts";
import type { CircuitUnit, ReferencePrompt, VerifyQuestion } from "../core/verify.ts";
import { fewOf, type MetricTokens, taskMetric } from "../math/task-metric.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import { runExperiments } from "./experiments.ts";
import { metricTokens, placesOf } from "./patching.ts";
import { checkPairs } from "./task-baseline.ts";

/** The circuit of these units (nodes, or edges) alone, or the whole model but for these. */
export type Cut<U = CircuitUnit> = { kept: readonly U[] } | { removed: readonly U[] };

type Setup = Pick<VerifyQuestion, "pairs" | "references" | "metric" | "ablation" | "withMlps">;

export interface CircuitRuns<U = CircuitUnit> {
  /** The metric of each cut by pair; `ran` hears how many prompts have been run. */
  evaluate: (cuts: readonly Cut<U>[], ran: (prompts: number) => void) => Promise<Float64Array[]>;
  /** How many prompts those cuts would have to be run for. */
  cost: (cuts: readonly Cut<U>[]) => number;
  /** The fewest prompts of a mean; null where none is taken. */
  leastReferences: number | null;
}

/** A node's positions that are left out: places by index, all others, or every one. */
interface Missing {
  layer: number;
  head: number | null;
  /** null: every position. */
  places: readonly number[] | null;
  /** Whether `places` are those that stay. */
  except: boolean;
}

/** What a hook's value is replaced by, [T, …]; null: 0. */
type Replacement = (hook: string) => Float32Array | null;

/** @throws LabError "bad-input" for pairs or units that there are not */
export function circuitRuns(model: LoadedModel, setup: Setup, signal: AbortSignal): CircuitRuns {
  const { pairs, metric, ablation, withMlps } = setup;
  const { config } = model.info;
  checkPairs(model, pairs);
  const places = placesOf(pairs);
  const hooks = Array.from({ length: config.n_layer }, (_, l) => [
    blockHook(l, "attn.hook_z"),
    ...(withMlps ? [blockHook(l, "hook_mlp_out")] : []),
  ]).flat();
  const references = ablation === "mean" ? referenceGroups(setup) : null;
  const means = new Map<string, Replacement>();
  const replacementOf = async (pair: PatchPair): Promise<Replacement> => {
    if (ablation === "zero") return () => null;
    const key = ablation === "mean" ? groupKey(pair.clean.length, pair.places) : "";
    const known = means.get(key);
    if (known) return known;
    const prompts = references?.get(key) ?? [pair.corrupted];
    const found = await meansOf(model, prompts, hooks, signal);
    if (ablation === "mean") means.set(key, found);
    return found;
  };
  const tokens = new Map<PatchPair, MetricTokens>();
  const tokensOf = async (pair: PatchPair) => {
    const found = tokens.get(pair) ?? (await metricTokens(model, pair, metric, signal));
    tokens.set(pair, found);
    return found;
  };
  const known = new Map<string, Float64Array>();
  const keyed = (cuts: readonly Cut[]) =>
    cuts.map((cut) => {
      const missing = missingOf(cut, config, withMlps, places);
      return { key: JSON.stringify(missing), missing };
    });
  const unknown = (cuts: readonly Cut[]) => [
    ...new Map(
      keyed(cuts)
        .filter(({ key }) => !known.has(key))
        .map((one) => [one.key, one.missing]),
    ),
  ];
  return {
    leastReferences: references && Math.min(...[...references.values()].map((g) => g.length)),
    cost: (cuts) => unknown(cuts).length * pairs.length,
    evaluate: async (cuts, ran) => {
      const asked = unknown(cuts);
      const found = asked.map(() => new Float64Array(pairs.length));
      for (const [index, pair] of pairs.entries()) {
        if (asked.length === 0) break;
        const replacement = await replacementOf(pair);
        const all = await tokensOf(pair);
        const { only, tokens: read } = fewOf(metric, all) ?? { only: null, tokens: all };
        const experiments = asked.map(([, missing]) =>
          missing.flatMap((node) => removal(node, pair, config.n_head, replacement)),
        );
        await runExperiments(
          model,
          {
            prompt: { ids: [...pair.clean] },
            ...{ experiments, edits: [], names: [], logits: "last", only, basis: "raw" },
          },
          {
            signal,
            progress: ({ experiments: rows, logits }) => {
              const V = only?.length ?? config.vocab_size;
              rows.forEach((cut, row) => {
                const z = logits!.data.subarray(row * V, (row + 1) * V);
                found[cut]![index] = taskMetric(metric, z, read);
              });
              ran(rows.length);
            },
          },
        );
      }
      asked.forEach(([key], i) => known.set(key, found[i]!));
      return keyed(cuts).map(({ key }) => known.get(key)!);
    },
  };
}

/** What a cut leaves out, in forward order; the same cut told in another way is the same list. */
function missingOf(
  cut: Cut,
  { n_layer, n_head }: { n_layer: number; n_head: number },
  withMlps: boolean,
  count: number,
): Missing[] {
  const named = new Map<string, number[] | null>(); // by node: places; null: every position
  const units = "kept" in cut ? cut.kept : cut.removed;
  for (const { layer, head, places } of units) {
    const inModel =
      layer >= 0 && layer < n_layer && (head === null ? withMlps : head >= 0 && head < n_head);
    const bad = places?.find((place) => !(place >= 0 && place < count));
    if (!inModel || bad !== undefined) {
      const what = head === null ? `MLP ${layer}` : `head ${layer}.${head}`;
      throw new LabError(
        "bad-input",
        bad === undefined
          ? `${what} is no node of this graph`
          : `${what}: place ${bad} of ${count}`,
      );
    }
    const key = `${layer} ${head}`;
    const before = named.get(key);
    named.set(key, before === null || !places ? null : union(before ?? [], places));
  }
  const missing: Missing[] = [];
  for (let layer = 0; layer < n_layer; layer++) {
    const heads: (number | null)[] = Array.from({ length: n_head }, (_, h) => h);
    for (const head of withMlps ? [...heads, null] : heads) {
      const places = named.get(`${layer} ${head}`);
      if ("removed" in cut) {
        if (places !== undefined) missing.push({ layer, head, places, except: false });
      } else if (places !== null) {
        const stays = places !== undefined && places.length > 0;
        missing.push({ layer, head, places: stays ? places : null, except: stays });
      }
    }
  }
  return missing;
}

const union = (a: readonly number[], b: readonly number[]) =>
  [...new Set([...a, ...b])].sort((x, y) => x - y);

/** Replaces a node where it is left out. */
function removal(
  { layer, head, places, except }: Missing,
  pair: PatchPair,
  heads: number,
  replacement: Replacement,
): DirectEdit[] {
  const hook = blockHook(layer, head === null ? "hook_mlp_out" : "attn.hook_z");
  const at = { hook, ...(head !== null && { head }) };
  const value = replacement(hook);
  const T = pair.clean.length;
  const named = new Set(places?.flatMap((place) => pair.places[place]!));
  const out = Array.from({ length: T }, (_, t) => t).filter(
    (t) => places === null || named.has(t) !== except,
  );
  if (out.length === T) {
    return [value === null ? { ...at, op: "zero" } : { ...at, op: "replace", value }];
  }
  return out.map((pos): DirectEdit => {
    if (value === null) return { ...at, pos, op: "zero" };
    const width = value.length / T / (head === null ? 1 : heads);
    const row = head === null ? pos : pos * heads + head;
    return { ...at, pos, op: "replace", value: value.subarray(row * width, (row + 1) * width) };
  });
}

/** Prompts of as many tokens with the same roles at the same positions are of one template. */
export const groupKey = (T: number, places: readonly (readonly number[])[]) =>
  JSON.stringify([T, places]);

/** By template: the prompts that its means are taken over, each once. */
export function referenceGroups({
  pairs,
  references,
}: Pick<Setup, "pairs" | "references">): Map<string, readonly number[][]> {
  const all: readonly ReferencePrompt[] = [
    ...pairs.map(({ corrupted, places }) => ({ ids: corrupted, places })),
    ...references,
  ];
  const groups = new Map<string, Map<string, number[]>>();
  for (const { ids, places } of all) {
    const key = groupKey(ids.length, places);
    const group = groups.get(key) ?? new Map<string, number[]>();
    groups.set(key, group.set(ids.join(), [...ids]));
  }
  const used = new Set(pairs.map(({ clean, places }) => groupKey(clean.length, places)));
  return new Map(
    [...groups].flatMap(([key, group]) => (used.has(key) ? [[key, [...group.values()]]] : [])),
  );
}

/** Rows of one run. */
const ROWS = 8;

/** Means over prompts of equal length at each position, summed in float64. */
async function meansOf(
  model: Pick<LoadedModel, "run">,
  prompts: readonly (readonly number[])[],
  names: readonly string[],
  signal: AbortSignal,
): Promise<Replacement> {
  const sums = new Map<string, Float64Array>();
  for (let from = 0; from < prompts.length; from += ROWS) {
    const ids = prompts.slice(from, from + ROWS);
    const { cache } = await model.run({ ids, names, edits: [], logits: "none", signal });
    signal.throwIfAborted();
    for (const name of names) {
      const { data } = cache.get(name)!;
      const size = data.length / ids.length;
      const sum = sums.get(name) ?? new Float64Array(size);
      sums.set(name, sum);
      for (let i = 0; i < data.length; i++) sum[i % size]! += data[i]!;
    }
  }
  const means = new Map(
    [...sums].map(([name, sum]) => [name, Float32Array.from(sum, (v) => v / prompts.length)]),
  );
  return (hook) => means.get(hook)!;
}
