/**
 * Frozen attention: the patterns of an unsteered run of the same tokens take the place of the steered run's own, from the first
 * steered layer on (before it they are the same). In a generation the unsteered run reads every token that was drawn, with a
 * cache of its own, so a generated token too attends as it would without steering.
 */
import { blockHook, parseHook } from "../core/hooks.ts";
import type { DirectEdit } from "../core/edits.ts";
import type { Gpt2Config, TensorData } from "../core/types.ts";
import type { KvCache } from "../model/kv-cache.ts";
import type { LoadedModel } from "../model/loaded-model.ts";

/** Patterns that rows writing at these hooks can change. */
export function patternHooks(hooks: readonly string[], config: Gpt2Config): string[] {
  const first = Math.min(...hooks.map((hook) => firstLayer(hook, config)));
  return Array.from({ length: config.n_layer }, (_, layer) => layer)
    .filter((layer) => layer >= first)
    .map((layer) => blockHook(layer, "attn.hook_pattern"));
}

function firstLayer(hook: string, config: Gpt2Config): number {
  const { stage, layer } = parseHook(hook, config);
  return layer ?? (stage === "embed" ? 0 : Infinity);
}

/**
 * @param cache of the unsteered run: [B, H, T of the run, S]; equal in all rows
 * @param start position of the run's first token
 */
export function patternEdits(
  hooks: readonly string[],
  cache: ReadonlyMap<string, TensorData>,
  start: number,
): DirectEdit[] {
  return hooks.flatMap((hook): DirectEdit[] => {
    const { data, dims } = cache.get(hook)!;
    const [, H, T, S] = dims as [number, number, number, number];
    if (start === 0) return [{ hook, op: "replace", value: data.slice(0, H * T * S) }];
    return Array.from({ length: H * T }, (_, i) => ({
      ...{ hook, op: "replace", head: Math.floor(i / T), pos: start + (i % T) },
      value: data.slice(i * S, (i + 1) * S),
    }));
  });
}

/** The unsteered run beside a generation. */
export interface PlainTwin {
  /** Reads the tokens of a step, and gives the edits that hold its patterns fast. */
  step: (ids: readonly number[], start: number) => Promise<DirectEdit[]>;
  dispose: () => void;
}

export function plainTwin(
  model: Pick<LoadedModel, "run">,
  hooks: readonly string[],
  signal: AbortSignal,
): PlainTwin {
  let past: KvCache | null = null;
  return {
    step: async (ids, start) => {
      const before = past;
      const result = await model.run({
        ...{ ids: [ids], names: hooks, edits: [], logits: "none", keepPast: true, signal },
        ...(before && { past: before }),
      });
      before?.dispose();
      past = result.past;
      return patternEdits(hooks, result.cache, start);
    },
    dispose: () => {
      past?.dispose();
      past = null;
    },
  };
}
