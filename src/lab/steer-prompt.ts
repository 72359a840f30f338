/** One steered run of a prompt beside the unsteered one: the next token under both, and what each row does. */
import type { SteerFacts, SteerSpec } from "../core/steer.ts";
import type { DirectEdit } from "../core/edits.ts";
import type { Prediction } from "../core/types.ts";
import { topIndices } from "../math/softmax.ts";
import { patternEdits, patternHooks } from "./frozen-attention.ts";
import { hookReader, type Read } from "./hook-reader.ts";
import { plainRun, type PlainRun } from "./plain-run.ts";
import { predict, rowOf } from "./predict.ts";
import type { EditSources } from "./prepare-edits.ts";
import type { EditModel } from "./resolve-edits.ts";
import { settleChanges } from "./settle-changes.ts";
import { isPlain, steerChanges } from "./steer.ts";
import { factHooks, largestChange, partFacts } from "./steer-facts.ts";
import { amountsOf, prepareParts, type SteerPart } from "./steer-parts.ts";

export interface SteeredPrompt {
  plain: Prediction;
  steered: Prediction;
  /** null for a row that is switched off. */
  rows: (SteerFacts | null)[];
}

export async function steerPrompt(
  model: EditModel,
  ids: readonly number[],
  { rows, attention }: SteerSpec,
  { sources, signal, topK }: { sources: EditSources; signal: AbortSignal; topK: number },
): Promise<SteeredPrompt> {
  const { config } = model.info;
  const scope = { lengths: [ids.length], limit: config.n_positions };
  const parts = await prepareParts(model, rows, { ...{ scope, signal }, sae: sources.sae });
  const hooks = parts.map(({ hook }) => hook);
  const frozen = attention === "frozen" && parts.length > 0 ? patternHooks(hooks, config) : [];
  const names = [...factHooks(parts, config), ...frozen];
  const plain = await plainRun(model, ids, [...new Set(names)], signal);
  const amounts = new Map<number, Float64Array>();
  const changes = steerChanges(parts, {
    ...{ length: ids.length, generated: false },
    tell: ({ index }, told) => amounts.set(index, told),
  });
  const patterns = patternEdits(frozen, plain.cache, 0);
  const edits = await settleChanges(
    [...patterns, ...changes],
    { ids: [ids] },
    knownReader(model, plain, signal),
    config,
  );
  const steered = parts.length > 0 ? await lastLogits(model, ids, edits, signal) : plain.logits;
  const shown = [...new Set([...topIndices(plain.logits, topK), ...topIndices(steered, topK)])];
  const facts: (SteerFacts | null)[] = rows.map(() => null);
  for (const part of parts) {
    const known = await partFacts(model, part, plain);
    const change = largestChange(part, known, amountAt(part, amounts, plain), plain);
    facts[part.index] = { ...known, change };
  }
  return {
    plain: predict(plain.logits, model.tokenizer, shown),
    steered: predict(steered, model.tokenizer, shown),
    rows: facts,
  };
}

async function lastLogits(
  model: EditModel,
  ids: readonly number[],
  edits: readonly DirectEdit[],
  signal: AbortSignal,
): Promise<Float32Array> {
  const request = { ids: [ids], names: [], edits, logits: "last", signal } as const;
  return rowOf((await model.run(request)).logits!, 0);
}

/** What was found at the first steered hook is the unsteered run's, which is known: no other edit comes before. */
function knownReader(model: EditModel, plain: PlainRun, signal: AbortSignal): Read {
  const read = hookReader(model, "raw", signal);
  return (request) => {
    const { edits, names } = request;
    const known = edits.length === 0 && names.every((name) => plain.cache.has(name));
    return known ? Promise.resolve(plain.cache) : read(request);
  };
}

/** What a row adds at a position; of one that was not asked there, what it would at the unsteered value. */
function amountAt(
  part: SteerPart,
  told: ReadonlyMap<number, Float64Array>,
  { cache }: PlainRun,
): (position: number) => number {
  if (isPlain(part)) return () => part.row.amount;
  const known = told.get(part.index);
  if (known) return (t) => known[t] ?? NaN;
  const found = amountsOf(part, cache.get(part.hook)!.data, cache.get(part.readHook)!.data);
  return (t) => found[t] ?? NaN;
}
