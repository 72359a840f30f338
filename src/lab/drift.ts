/** What edits have done to a model beside what they were meant to: neutral text, and the task, of the base and of each variant. */
import { breathe } from "../core/breathe.ts";
import type { RunPair } from "../core/task.ts";
import type { DriftAnswer, DriftTask } from "../core/tune.ts";
import type { Gpt2Config } from "../core/types.ts";
import { DriftSum } from "../math/drift.ts";
import { logSoftmax } from "../math/logit-metric.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import type { TuningModel } from "../model/tuning-model.ts";
import { taskBaseline } from "./task-baseline.ts";

export interface DriftInput {
  model: Pick<TuningModel, "feed" | "run" | "base">;
  info: Pick<LoadedModel, "info" | "tokenizer">;
  /** Changed tensors of each variant, as they are stored; the others are the base's. */
  variants: readonly ReadonlyMap<string, Float32Array>[];
  contexts: readonly (readonly number[])[];
  pairs: readonly RunPair[];
  signal: AbortSignal;
  progress: (progress: { done: number; total: number }) => void;
}

/** Logits of one run are no more numbers than this. */
const MOST_LOGITS = 2 ** 24;

/** The base first, then each variant. */
export async function measureDrift(input: DriftInput): Promise<DriftAnswer> {
  const { model, info, variants, contexts, pairs, signal, progress } = input;
  const { vocab_size: V }: Gpt2Config = info.info.config;
  const all = [new Map<string, Float32Array>(), ...variants];
  const use = (variant: ReadonlyMap<string, Float32Array>) => {
    model.feed(model.base);
    model.feed(variant);
  };
  const sums = all.map(() => new DriftSum());
  const rows = Math.max(
    1,
    Math.floor(MOST_LOGITS / (V * Math.max(1, ...contexts.map((c) => c.length)))),
  );
  const total = contexts.length + (pairs.length > 0 ? 1 : 0);
  for (let from = 0; from < contexts.length; from += rows) {
    progress({ done: from, total });
    const ids = contexts.slice(from, from + rows);
    const T = Math.max(...ids.map(({ length }) => length));
    let base: Float64Array[] = [];
    for (const [i, variant] of all.entries()) {
      use(variant);
      const { logits } = await model.run({ ids, names: [], edits: [], logits: "all", signal });
      const at = (row: number, t: number) =>
        logits!.data.subarray((row * T + t) * V, (row * T + t + 1) * V);
      const places = ids.flatMap((context, row) =>
        context.slice(1).map((next, t) => ({ next, z: at(row, t) })),
      );
      if (i === 0) base = places.map(({ z }) => logSoftmax(z));
      for (const [n, { next, z }] of places.entries()) {
        sums[i]!.add(base[n]!, z, next);
        if (n % 16 === 15) await breathe();
      }
      signal.throwIfAborted();
    }
  }
  const answer: DriftAnswer = [];
  for (const [i, variant] of all.entries()) {
    if (pairs.length > 0) progress({ done: contexts.length, total });
    use(variant);
    const task =
      pairs.length > 0 ? await taskScore({ ...info, run: model.run }, pairs, signal) : null;
    answer.push({ text: sums[i]!.result(), task });
  }
  return answer;
}

async function taskScore(
  model: Pick<LoadedModel, "run" | "info" | "tokenizer">,
  pairs: readonly RunPair[],
  signal: AbortSignal,
): Promise<DriftTask> {
  const baseline = await taskBaseline(model, pairs, { signal, progress: () => {} });
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const values = baseline.map(({ clean }) => clean.values);
  const differences = values.flatMap(({ logitDiff }) => (logitDiff === null ? [] : [logitDiff]));
  return {
    pairs: pairs.length,
    logitDiff: differences.length === 0 ? null : mean(differences),
    prob: mean(values.map(({ prob }) => prob!)),
    first: mean(values.map(({ rank }) => (rank === 1 ? 1 : 0))),
  };
}
