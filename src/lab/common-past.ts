/**
 * What experiments on one prompt have in common before the first token that any of them changes. No later token can change it,
 * so its keys and values are computed once, and the experiments run from there on.
 */
import type { DirectEdit } from "../core/edits.ts";
import { cacheNames, type SharedPast, sharedPast } from "../model/kv-cache.ts";
import { isChange, type Prepared } from "./prepared-edit.ts";
import type { EditModel } from "./resolve-edits.ts";

interface Question {
  ids: readonly number[];
  /** Edits in force in all experiments, and those of each. */
  common: readonly Prepared[];
  own: readonly (readonly Prepared[])[];
  /** Positions before it are as they were, whatever the edits say. */
  sameBefore: number;
  signal: AbortSignal;
}
export interface Beginning {
  /** By experiment: the position from which on it is run, at the latest. */
  starts: readonly number[];
  /** Keys and values of the first so many tokens. */
  pastOf: (count: number) => SharedPast | null;
}

/** A run that only tells keys and values must spare so many times its own tokens: it has few, and those cost more each. */
const LEAST_GAIN = 4;

/** All experiments from the first token on. */
export const fromTheFirst = (own: Question["own"]): Beginning => ({
  starts: own.map(() => 0),
  pastOf: () => null,
});

/** Each from where it pays: from the first token on if it does not, or if an edit depends on what is computed. */
export async function commonPast(model: EditModel, question: Question): Promise<Beginning> {
  const { ids, common, own, sameBefore, signal } = question;
  const T = ids.length;
  const starts = own.map((edits) => Math.min(T - 1, Math.max(firstChanged(edits, T), sameBefore)));
  const last = Math.max(...starts);
  const spared = starts.reduce((a, b) => a + b, 0);
  if ([common, ...own].flat().some(isChange) || spared <= LEAST_GAIN * last) {
    return fromTheFirst(own);
  }
  const { config } = model.info;
  const { cache } = await model.run({
    ids: [ids.slice(0, last)],
    names: cacheNames(config).map(({ hook }) => hook),
    edits: common as readonly DirectEdit[],
    ...{ logits: "none", editLength: T, signal },
  });
  return {
    starts,
    pastOf: (count) => sharedPast(config, count, (hook) => cache.get(hook)!.data),
  };
}

/** The first of T positions that edits change; 0 where they may change any. */
function firstChanged(edits: readonly Prepared[], T: number): number {
  const positions = edits.map((edit) => {
    if (isChange(edit) || edit.pos === undefined) return 0;
    return edit.pos < 0 ? edit.pos + T : edit.pos;
  });
  return Math.min(T, ...positions);
}

/**
 * Which of experiments, in the order of their starts, are run as one, from the first one's start on: those that begin soon
 * after it, or too many tokens before their starts would be computed again.
 */
export function alongside(order: number[], starts: readonly number[], T: number): number[] {
  const first = starts[order[0]!]!;
  const last = first + Math.floor((T - first) / 4);
  const next = order.findIndex((index) => starts[index]! > last);
  return next < 0 ? order : order.slice(0, next);
}
