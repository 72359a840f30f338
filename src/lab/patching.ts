/**
 * Activation patching by sweeps: each cell of a grid is an experiment, a row of a batch. The pair's own other run gives the
 * activations; runs share all that comes before the layer they patch (`lab/experiments.ts`). In the raw basis: what is put in
 * is the same in either, and so is what the logits make of it.
 */
import type { DirectEdit, Edit } from "../core/edits.ts";
import { LabError } from "../core/lab-error.ts";
import {
  type PatchAnswer,
  patchGrid,
  type PatchPair,
  type PatchProgress,
  type PatchQuestion,
  type PatchTarget,
  patchTarget,
} from "../core/patching.ts";
import type { RunPair, TaskMetric } from "../core/task.ts";
import type { TensorData } from "../core/types.ts";
import { logSoftmax } from "../math/logit-metric.ts";
import { fewOf, type MetricTokens, readsClean, taskMetric } from "../math/task-metric.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import { runExperiments } from "./experiments.ts";
import { checkPairs, lastLogits } from "./task-baseline.ts";

type Model = LoadedModel;
interface Context {
  signal: AbortSignal;
  progress: (told: PatchProgress) => void;
}
/** A hook's value of one prompt, without the batch axis. */
export type ValueOf = (hook: string) => TensorData;

/** @throws LabError "bad-input" for pairs, cells or layers that there are not */
export async function patchSweep(
  model: Model,
  question: PatchQuestion,
  { signal, progress }: Context,
): Promise<PatchAnswer> {
  const { pairs, metric, direction, sweep } = question;
  const { config } = model.info;
  checkPairs(model, pairs);
  const places = placesOf(pairs);
  const { count } = patchGrid(sweep, config, places);
  const cells = question.cells ?? Array.from({ length: count }, (_, i) => i);
  const bad = cells.find((cell) => !Number.isInteger(cell) || cell < 0 || cell >= count);
  if (bad !== undefined) {
    throw new LabError("bad-input", `cell ${bad} is not among 0 … ${count - 1}`);
  }
  const work = pairs.map((pair) =>
    cells
      .map((cell) => ({ cell, target: patchTarget(sweep, config, places, cell) }))
      .filter(({ target }) => target.place === null || pair.places[target.place]!.length > 0),
  );
  const total = work.reduce((sum, list) => sum + list.length, 0);
  if (total === 0) throw new LabError("bad-input", "no pair has the place that was asked for");
  const start = performance.now();
  let before = 0;
  for (const [index, pair] of pairs.entries()) {
    const own = work[index]!;
    if (own.length === 0) continue;
    const [into, from] = direction === "denoise" ? ["corrupted", "clean"] : ["clean", "corrupted"];
    const hooks = [...new Set(own.map(({ target }) => target.hook))];
    const source = await valuesOf(model, pair[from as "clean"], hooks, signal);
    const all = await metricTokens(model, pair, metric, signal);
    const { only, tokens } = fewOf(metric, all) ?? { only: null, tokens: all };
    await runExperiments(
      model,
      {
        prompt: { ids: [...pair[into as "clean"]] },
        experiments: own.map(({ target }) => patchEdits(target, pair, source)),
        ...{ edits: [] as Edit[], names: [], logits: "last", basis: "raw" },
        ...{ only, sameBefore: sameBefore(pair) },
      },
      {
        signal,
        progress: ({ experiments, logits, done }) => {
          const V = only?.length ?? config.vocab_size;
          const values = Float64Array.from(experiments, (_, row) =>
            taskMetric(metric, logits!.data.subarray(row * V, (row + 1) * V), tokens),
          );
          const soFar = before + done;
          const seconds = (performance.now() - start) / 1000;
          progress({
            ...{ pair: index, cells: experiments.map((i) => own[i]!.cell), values },
            ...{ done: soFar, total, secondsLeft: (seconds / soFar) * (total - soFar) },
          });
        },
      },
    );
    before += own.length;
  }
  return { runs: total, seconds: (performance.now() - start) / 1000 };
}

/** How many places there are: as many for every pair. @throws LabError "shape", "bad-input" */
export function placesOf(pairs: readonly PatchPair[]): number {
  const count = pairs[0]!.places.length;
  pairs.forEach(({ places, clean }, i) => {
    if (places.length !== count) {
      throw new LabError("shape", `pair ${i + 1} has ${places.length} places, the first ${count}`);
    }
    const bad = places.flat().find((at) => !Number.isInteger(at) || at < 0 || at >= clean.length);
    if (bad !== undefined) {
      throw new LabError("bad-input", `pair ${i + 1}: position ${bad} of ${clean.length} tokens`);
    }
  });
  return count;
}

export async function metricTokens(
  model: Pick<Model, "run">,
  { clean, answers, wrong, formula }: RunPair,
  metric: TaskMetric,
  signal: AbortSignal,
): Promise<MetricTokens> {
  const logits = readsClean(metric, { formula })
    ? (await lastLogits(model, [clean], signal))[0]!
    : null;
  return { answers, wrong, clean: logits && logSoftmax(logits), formula };
}

export async function valuesOf(
  model: Pick<Model, "run">,
  ids: readonly number[],
  names: readonly string[],
  signal: AbortSignal,
): Promise<ValueOf> {
  const { cache } = await model.run({ ids: [ids], names, edits: [], logits: "none", signal });
  return (hook) => {
    const { data, dims } = cache.get(hook)!;
    return { data, dims: dims.slice(1) };
  };
}

/** Tokens that both prompts begin with: what either run computes there is the same. */
function sameBefore({ clean, corrupted }: PatchPair): number {
  const first = clean.findIndex((id, t) => id !== corrupted[t]);
  return first < 0 ? clean.length : first;
}

/** Replaces the target by the other run's value, at each position of its place or at all of them. */
function patchEdits(target: PatchTarget, { places }: PatchPair, value: ValueOf): DirectEdit[] {
  const { hook, head, neuron, place } = target;
  const whole = value(hook);
  const at = { hook, op: "replace" as const, ...(head !== null && { head }) };
  if (neuron !== null) return [{ ...at, neuron, value: whole.data }];
  if (place === null) return [{ ...at, value: whole.data }];
  return places[place]!.map((pos) => ({ ...at, pos, value: vectorAt(whole, hook, head, pos) }));
}

/** The last axis at a position, of a head where there are heads: [T, d], [T, H, h] or [H, T, S]. */
function vectorAt({ data, dims }: TensorData, hook: string, head: number | null, pos: number) {
  const last = dims.at(-1)!;
  const row =
    dims.length === 2
      ? pos
      : hook.endsWith("hook_pattern")
        ? head! * dims[1]! + pos
        : pos * dims[1]! + head!;
  return data.subarray(row * last, (row + 1) * last);
}
