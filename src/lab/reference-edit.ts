/**
 * `mean` and `resample` → direct edits: both put into a hook's place what it was in runs of other prompts. What one prompt
 * has at a position is the mean over that prompt alone, so resampling is a mean too.
 */
import { ofSomeKind } from "../core/edit-shape.ts";
import {
  type DirectEdit,
  type MeanEdit,
  placeOf,
  type ReferencePrompt,
  type ResampleEdit,
} from "../core/edits.ts";
import { keyedRandom } from "../math/keyed-random.ts";
import { AttentionMean, type TokenMean } from "../math/reference-mean.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import type { PromptInput } from "../rpc/procedure.ts";
import type { Corpus } from "./corpus.ts";
import { checkPlace, type EditScope, refuse, rowsOf } from "./edit-check.ts";
import { readPrompt } from "./read-prompt.ts";
import type { Mean, MeanRequest, ReferenceSet } from "./reference-means.ts";

export type ReferenceEdit = MeanEdit | ResampleEdit;
type Model = Pick<LoadedModel, "info" | "tokenizer">;

const DEFAULT_CONTEXTS = 32;
const MAX_CONTEXTS = 4096;
/** A stream of random numbers of its own. */
const CONTEXT_STREAM = 7;

/** What an edit wants to be known beforehand. @throws LabError "bad-input" */
export function meanRequest(
  edit: ReferenceEdit,
  model: Model,
  corpus: () => Promise<Corpus>,
  scope: EditScope,
): MeanRequest {
  const hook = checkPlace(placeOf(edit), model.info.config, scope);
  const attention = hook.axes[0] !== "T";
  if (attention && edit.op === "mean" && edit.per !== "position") {
    throw refuse(edit, 'each query has keys of its own, so its mean is taken with per: "position"');
  }
  if (attention && edit.op === "resample" && edit.fromPos !== undefined) {
    throw refuse(edit, 'each query has keys of its own, so "fromPos" cannot be given');
  }
  return { hook, set: referenceSet(edit, model, corpus) };
}

function referenceSet(
  edit: ReferenceEdit,
  model: Model,
  corpus: () => Promise<Corpus>,
): ReferenceSet {
  if (edit.op === "mean" && edit.over === "corpus") {
    const contexts = edit.contexts ?? DEFAULT_CONTEXTS;
    if (!Number.isInteger(contexts) || contexts < 1 || contexts > MAX_CONTEXTS) {
      throw refuse(edit, `"contexts" is a number from 1 to ${MAX_CONTEXTS}, got ${contexts}`);
    }
    const ids = async () => sampleContexts(await corpus(), contexts);
    return { key: `corpus ${contexts}`, keep: true, ids };
  }
  const prompts = edit.op === "mean" ? edit.over : [edit.from];
  if (!Array.isArray(prompts) || prompts.length === 0) {
    throw refuse(edit, `"over" is "corpus" or a list of prompts, not ${ofSomeKind(prompts)}`);
  }
  const read = (prompts as readonly ReferencePrompt[]).map(
    (prompt) => readPrompt(model, asInput(edit, prompt)).ids,
  );
  return { key: JSON.stringify(read), keep: false, ids: () => Promise.resolve(read) };
}

function asInput(edit: ReferenceEdit, prompt: ReferencePrompt): PromptInput {
  if (typeof prompt === "string") return { text: prompt, prependBos: edit.prependBos ?? true };
  if (Array.isArray(prompt)) return { ids: [...(prompt as readonly number[])] };
  throw refuse(edit, `a prompt is text or a list of token ids, not ${String(prompt)}`);
}

/** Contexts from all over the corpus, the same ones each time. */
async function sampleContexts(corpus: Corpus, count: number): Promise<number[][]> {
  const T = corpus.contextSize;
  const random = keyedRandom(0, CONTEXT_STREAM);
  const found: number[][] = [];
  for (let shard = 0; shard < corpus.shards; shard++) {
    // So many of each shard as to have `count` of them when all have been read.
    const wanted = Math.ceil(((shard + 1) * count) / corpus.shards) - found.length;
    if (wanted <= 0) continue;
    const contexts = await corpus.contexts(shard);
    const there = contexts.length / T;
    const start = Math.floor(random() * Math.max(1, there - wanted + 1));
    for (let i = start; i < Math.min(there, start + wanted); i++) {
      found.push([...contexts.subarray(i * T, (i + 1) * T)]);
    }
  }
  return found;
}

/** @throws LabError "bad-input" if the prompts do not reach as far as what is edited */
export function prepareReferenceEdit(
  edit: ReferenceEdit,
  mean: Mean,
  scope: EditScope,
): DirectEdit[] {
  const place = placeOf(edit);
  const replace = (value: Float32Array): DirectEdit => ({ ...place, op: "replace", value });
  if (edit.op === "mean" && edit.per !== "position") return [replace(overAll(edit, mean))];
  if (edit.op === "resample" && edit.fromPos !== undefined) {
    const values = new PositionValues(mean);
    return [replace(values.at(values.position(edit, edit.fromPos)))];
  }
  const values = new PositionValues(mean);
  const rows = rowsOf(place, scope);
  const aligned = (row: number) => replace(values.aligned(edit, scope.lengths[row]!));
  const same = rows.every((row) => scope.lengths[row] === scope.lengths[rows[0]!]);
  return same ? [aligned(rows[0]!)] : rows.map((row) => ({ ...aligned(row), row }));
}

function overAll(edit: MeanEdit, mean: Mean): Float32Array {
  const { skip = 1 } = edit;
  if (!Number.isInteger(skip) || skip < 0) {
    throw refuse(edit, `"skip" is a number of positions, got ${skip}`);
  }
  return (mean as TokenMean).overAll(skip);
}

/** The mean at each position, and how far it reaches. */
class PositionValues {
  readonly #data: Float32Array;
  readonly #length: number;
  /** null for what tokens have one each of */
  readonly #heads: number | null;

  constructor(mean: Mean) {
    this.#data = mean.perPosition();
    this.#length = mean.length;
    this.#heads = mean instanceof AttentionMean ? mean.heads : null;
  }

  position(edit: ReferenceEdit, pos: number): number {
    const absolute = pos < 0 ? pos + this.#length : pos;
    if (Number.isInteger(absolute) && absolute >= 0 && absolute < this.#length) return absolute;
    throw refuse(
      edit,
      `the prompt it is taken from has ${this.#length} tokens, and none at ${pos}`,
    );
  }

  at(position: number): Float32Array {
    const width = this.#data.length / this.#length;
    return this.#data.slice(position * width, (position + 1) * width);
  }

  /** What goes into a row of `length` tokens: at the position edited, or all along it. */
  aligned(edit: ReferenceEdit, length: number): Float32Array {
    const { pos } = edit;
    const needed = pos === undefined ? length : (pos < 0 ? pos + length : pos) + 1;
    if (needed > this.#length) {
      throw refuse(
        edit,
        `position ${needed - 1} is edited, and what it is taken from has ${this.#length} tokens; ` +
          'give a longer prompt, or choose a "pos"',
      );
    }
    if (this.#heads !== null) return this.#attention(this.#heads, length);
    return pos === undefined
      ? this.#data.slice(0, (length * this.#data.length) / this.#length)
      : this.at(needed - 1);
  }

  /** [H, length, length], as far as it is known; beyond, only what is not edited. */
  #attention(heads: number, length: number): Float32Array {
    const out = new Float32Array(heads * length * length);
    const known = Math.min(length, this.#length);
    for (let h = 0; h < heads; h++) {
      for (let t = 0; t < known; t++) {
        const from = (h * this.#length + t) * this.#length;
        out.set(this.#data.subarray(from, from + known), (h * length + t) * length);
      }
    }
    return out;
  }
}
