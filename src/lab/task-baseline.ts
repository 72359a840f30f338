/** What the model makes of a task as it is: every metric of every prompt. */
import { breathe } from "../core/breathe.ts";
import { LabError } from "../core/lab-error.ts";
import type { PairBaseline, RunPair, RunReading } from "../core/task.ts";
import { logSoftmax } from "../math/logit-metric.ts";
import { allMetrics, type MetricTokens } from "../math/task-metric.ts";
import type { LoadedModel } from "../model/loaded-model.ts";

type Model = Pick<LoadedModel, "run" | "tokenizer" | "info">;
export interface BaselineProgress {
  done: number;
  total: number;
}

/** Prompts of one run; two for each pair. */
const PAIRS = 4;
const TOP = 5;

export async function taskBaseline(
  model: Model,
  pairs: readonly RunPair[],
  { signal, progress }: { signal: AbortSignal; progress: (p: BaselineProgress) => void },
): Promise<PairBaseline[]> {
  checkPairs(model, pairs);
  const found: PairBaseline[] = [];
  for (let from = 0; from < pairs.length; from += PAIRS) {
    const chunk = pairs.slice(from, from + PAIRS);
    const logits = await lastLogits(
      model,
      chunk.flatMap(({ clean, corrupted }) => [clean, corrupted]),
      signal,
    );
    chunk.forEach(({ answers, wrong, formula }, i) => {
      const [clean, corrupted] = [logits[2 * i]!, logits[2 * i + 1]!];
      const tokens: MetricTokens = { answers, wrong, clean: logSoftmax(clean), formula };
      const read = (z: Float32Array): RunReading => ({
        values: allMetrics(z, tokens),
        top: likeliest(model, z),
      });
      found.push({ clean: read(clean), corrupted: read(corrupted) });
    });
    progress({ done: found.length, total: pairs.length });
    await breathe();
    signal.throwIfAborted();
  }
  return found;
}

/** Logits at the last token of each prompt, [V] each. Prompts may be of unequal length. */
export async function lastLogits(
  model: Pick<Model, "run">,
  ids: readonly (readonly number[])[],
  signal: AbortSignal,
): Promise<Float32Array[]> {
  const { logits } = await model.run({ ids, names: [], edits: [], logits: "last", signal });
  const V = logits!.dims.at(-1)!;
  return ids.map((_, row) => logits!.data.slice(row * V, (row + 1) * V));
}

function likeliest({ tokenizer }: Pick<Model, "tokenizer">, z: Float32Array): RunReading["top"] {
  const log = logSoftmax(z);
  const best: number[] = [];
  for (let id = 0; id < z.length; id++) {
    if (best.length === TOP && z[id]! <= z[best[TOP - 1]!]!) continue;
    const at = best.findIndex((other) => z[id]! > z[other]!);
    best.splice(at < 0 ? best.length : at, 0, id);
    if (best.length > TOP) best.pop();
  }
  return best.map((id) => ({
    string: tokenizer.strings([id])[0]!,
    probability: Math.exp(log[id]!),
  }));
}

/** @throws LabError "bad-input" for pairs that no metric could be read of */
export function checkPairs({ info }: Pick<Model, "info">, pairs: readonly RunPair[]): void {
  const { vocab_size: V, n_positions } = info.config;
  if (pairs.length === 0) throw new LabError("bad-input", "the task has no pair that can be run");
  pairs.forEach(({ clean, corrupted, answers, wrong }, i) => {
    const refuse = (why: string) => {
      throw new LabError("bad-input", `pair ${i + 1}: ${why}`);
    };
    if (clean.length !== corrupted.length) {
      refuse(
        `the clean prompt has ${clean.length} tokens, the corrupted one ${corrupted.length}; positions must correspond`,
      );
    }
    if (clean.length === 0) refuse("the prompts are empty");
    if (clean.length > n_positions)
      refuse(`${clean.length} tokens, this model reads ${n_positions}`);
    if (answers.length === 0) refuse("there is no answer");
    const bad = [...clean, ...corrupted, ...answers, ...wrong].find(
      (id) => !Number.isInteger(id) || id < 0 || id >= V,
    );
    if (bad !== undefined) refuse(`${bad} is no token id of this model`);
  });
}
