/**
 * Dose–response: one prompt under many settings of steering, a row of a batch each. Of every setting the chances of some tokens
 * after the last one, how far the next token's distribution is from the unsteered one, and the perplexity of a text.
 */
import { breathe } from "../core/breathe.ts";
import { parseHook } from "../core/hooks.ts";
import { LabError, toLabError } from "../core/lab-error.ts";
import type { SteerAttention, SteerEffect, SteerRow } from "../core/steer.ts";
import type { TensorData } from "../core/types.ts";
import { divergence, distributionOf, referenceInto, type Reference } from "../math/distribution.ts";
import { ChunkSize } from "./chunk-size.ts";
import { patternEdits, patternHooks } from "./frozen-attention.ts";
import { hookReader } from "./hook-reader.ts";
import type { EditSources } from "./prepare-edits.ts";
import { inRow } from "./prepared-edit.ts";
import type { EditModel } from "./resolve-edits.ts";
import { plainRun } from "./plain-run.ts";
import { rowBudget, rowBytes } from "./row-bytes.ts";
import { settleChanges } from "./settle-changes.ts";
import { steerChanges } from "./steer.ts";
import { factHooks, mostChange } from "./steer-facts.ts";
import { prepareParts, type SteerPart } from "./steer-parts.ts";
import { logitsAt } from "./token-chances.ts";

export interface EffectsRequest {
  ids: readonly number[];
  /** One list of rows for each point. */
  settings: readonly (readonly SteerRow[])[];
  attention: SteerAttention;
  /** Whose chances are told. */
  tokens: readonly number[];
  /** Whose perplexity is told; the prompt's own without. */
  text: readonly number[] | null;
}
export interface EffectsProgress {
  /** By the index of their setting. */
  effects: [index: number, effect: SteerEffect][];
  done: number;
  total: number;
  /** null until the first rows have been timed. */
  secondsLeft: number | null;
}
interface Context {
  sources: EditSources;
  signal: AbortSignal;
  progress: (value: EffectsProgress) => void;
  /** @default what the model leaves of the memory */
  budget?: number;
}

/**
 * @returns in the order of the settings
 * @throws LabError as `prepareParts`, "bad-input" for a token that there is not, "out-of-memory" if not even one row fits
 */
export async function steerEffects(
  model: EditModel,
  { ids, settings, attention, tokens, text }: EffectsRequest,
  { sources, signal, progress, budget = rowBudget(model.info) }: Context,
): Promise<SteerEffect[]> {
  const { config } = model.info;
  if (settings.length === 0) throw new LabError("bad-input", "there is no setting to run");
  const scope = { lengths: [ids.length], limit: config.n_positions };
  const parts: SteerPart[][] = [];
  for (const rows of settings) {
    parts.push(await prepareParts(model, rows, { ...{ scope, signal }, sae: sources.sae }));
  }
  const plain = await plainRun(model, ids, factHooks(parts.flat(), config), signal);
  const hooks = [...new Set(parts.flat().map(({ hook }) => hook))];
  const frozen = attention === "frozen" && hooks.length > 0 ? patternHooks(hooks, config) : [];
  const own = await openText(model, ids, frozen, signal);
  const other = text && (await openText(model, text, frozen, signal));
  const longest = Math.max(ids.length, text?.length ?? 0);
  const edited = [...hooks, ...frozen].map((hook) => parseHook(hook, config));
  const size = new ChunkSize(
    budget / rowBytes(config, { T: longest, names: [], edited, logits: longest }),
  );
  const found: SteerEffect[] = [];
  while (found.length < settings.length) {
    const chunk = parts.slice(found.length, found.length + size.size);
    const start = performance.now();
    try {
      const logits = await runChunk(model, own, chunk, other ? "last" : "all", signal);
      const others = other && (await runChunk(model, other, chunk, "all", signal));
      size.took(chunk.length, performance.now() - start);
      const changes = await Promise.all(chunk.map((each) => mostChange(model, each, plain)));
      const effects = chunk.map((_, row): [number, SteerEffect] => [
        found.length + row,
        {
          ...atEnd(rowOf(logits, row), own.reference, tokens),
          perplexity: perplexityOf(rowOf(others ?? logits, row), text ?? ids),
          change: changes[row]!,
        },
      ]);
      found.push(...effects.map(([, effect]) => effect));
      const [done, total] = [found.length, settings.length];
      progress({
        ...{ effects, done, total },
        secondsLeft: ((total - done) * size.msPerRow!) / 1000,
      });
    } catch (e) {
      if (toLabError(e).code !== "out-of-memory" || !size.tooLarge(chunk.length)) throw e;
    }
    await breathe();
    signal.throwIfAborted();
  }
  return found;
}

interface OpenText {
  ids: readonly number[];
  /** The unsteered next token after the last. */
  reference: Reference;
  patterns: ReturnType<typeof patternEdits>;
}

async function openText(
  model: EditModel,
  ids: readonly number[],
  frozen: readonly string[],
  signal: AbortSignal,
): Promise<OpenText> {
  const request = { ids: [ids], names: frozen, edits: [], logits: "last", signal } as const;
  const { logits, cache } = await model.run(request);
  const z = logits!.data;
  return {
    ids,
    reference: referenceInto(z, new Float32Array(z.length)),
    patterns: patternEdits(frozen, cache, 0),
  };
}

/** @returns logits of each row, [rows, T or 1, V] */
async function runChunk(
  model: EditModel,
  { ids, patterns }: OpenText,
  chunk: readonly (readonly SteerPart[])[],
  logits: "all" | "last",
  signal: AbortSignal,
): Promise<TensorData> {
  const rows = { ids: chunk.map(() => ids) };
  const changes = chunk.flatMap((parts, row) =>
    steerChanges(parts, { length: ids.length, generated: false }).map((edit) => inRow(edit, row)),
  );
  const read = hookReader(model, "raw", signal);
  const edits = await settleChanges([...patterns, ...changes], rows, read, model.info.config);
  return (await model.run({ ...rows, names: [], edits, logits, signal })).logits!;
}

/** [T, V] of one row. */
const rowOf = ({ data, dims }: TensorData, row: number): Readout => {
  const [, T, V] = dims as [number, number, number];
  return { data: data.subarray(row * T * V, (row + 1) * T * V), T, V };
};
interface Readout {
  data: Float32Array;
  T: number;
  V: number;
}

function atEnd({ data, T, V }: Readout, reference: Reference, tokens: readonly number[]) {
  const z = logitsAt(data, V, T - 1);
  const { logSum } = distributionOf(z);
  const logProbabilities = tokens.map((id) => {
    const logit = z[id];
    if (logit !== undefined) return logit - logSum;
    throw new LabError("bad-input", `${id} is no token id; this model has 0 … ${V - 1}`);
  });
  return { logProbabilities, kl: divergence(reference, z, logSum) };
}

function perplexityOf({ data, V }: Readout, ids: readonly number[]): number | null {
  if (ids.length < 2) return null;
  let sum = 0;
  for (let t = 1; t < ids.length; t++) {
    const z = logitsAt(data, V, t - 1);
    sum += distributionOf(z).logSum - z[ids[t]!]!;
  }
  return Math.exp(sum / (ids.length - 1));
}
