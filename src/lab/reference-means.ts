/**
 * Means over reference prompts, run without edits: of each set of prompts one run for all the hooks that are asked of it, in
 * batches. Those over the corpus are kept for the model.
 */
import type { Basis } from "../core/basis.ts";
import type { HookPoint } from "../core/hooks.ts";
import type { Gpt2Config } from "../core/types.ts";
import { cutRow } from "../math/padding.ts";
import { AttentionMean, TokenMean } from "../math/reference-mean.ts";
import { tokenWidth } from "./edit-check.ts";
import type { Read } from "./hook-reader.ts";

export type Mean = TokenMean | AttentionMean;

export interface ReferenceSet {
  /** Equal keys, equal prompts. */
  key: string;
  ids: () => Promise<readonly (readonly number[])[]>;
  /** Whether its means are kept. */
  keep: boolean;
}
export interface MeanRequest {
  set: ReferenceSet;
  hook: HookPoint;
}

/** Tokens of one batch, padding included. */
const BATCH_TOKENS = 2048;

const kept = new WeakMap<object, Map<string, Mean>>();

/** @returns the mean that a request asked for */
export async function referenceMeans(
  model: { info: { config: Gpt2Config } },
  basis: Basis,
  requests: readonly MeanRequest[],
  read: Read,
): Promise<(request: MeanRequest) => Mean> {
  const { config } = model.info;
  const memory = kept.get(model) ?? new Map<string, Mean>();
  kept.set(model, memory);
  const means = new Map<string, Mean>();
  const keyOf = ({ set, hook }: MeanRequest) => `${basis} ${hook.name} ${set.key}`;
  const missing = new Map<string, { set: ReferenceSet; hooks: Map<string, HookPoint> }>();
  for (const request of requests) {
    const { set, hook } = request;
    const known = memory.get(keyOf(request));
    if (known) means.set(keyOf(request), known);
    const group = missing.get(set.key) ?? { set, hooks: new Map<string, HookPoint>() };
    if (!known) missing.set(set.key, group);
    if (!known) group.hooks.set(hook.name, hook);
  }
  for (const { set, hooks } of missing.values()) {
    const found = await meansOf(await set.ids(), [...hooks.values()], config, read);
    for (const [hook, mean] of found) {
      const key = keyOf({ set, hook });
      means.set(key, mean);
      if (set.keep) memory.set(key, mean);
    }
  }
  return (request) => means.get(keyOf(request))!;
}

async function meansOf(
  prompts: readonly (readonly number[])[],
  hooks: readonly HookPoint[],
  config: Gpt2Config,
  read: Read,
): Promise<Map<HookPoint, Mean>> {
  const means = new Map(
    hooks.map((hook): [HookPoint, Mean] => {
      const width = tokenWidth(hook, config);
      return [hook, width === null ? new AttentionMean(config.n_head) : new TokenMean(width)];
    }),
  );
  const longest = Math.max(...prompts.map((ids) => ids.length));
  const rows = Math.max(1, Math.floor(BATCH_TOKENS / longest));
  for (let from = 0; from < prompts.length; from += rows) {
    const ids = prompts.slice(from, from + rows);
    const values = await read({ ids, names: hooks.map(({ name }) => name), edits: [] });
    for (const [hook, mean] of means) {
      const axis = hook.axes[0] === "T" ? 1 : 2;
      const value = values.get(hook.name)!;
      ids.forEach(({ length }, row) => {
        mean.add(cutRow(value, axis, row, length).data);
      });
    }
  }
  return means;
}
