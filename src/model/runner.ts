/** Runs the instrumented graph: feeds, outputs, the KV cache, and activations left on the GPU. */
import { parseHook } from "../core/hooks.ts";
import type { Gpt2Config, TensorData } from "../core/types.ts";
import { checkIds, createFeeds } from "./feeds.ts";
import { MASKED } from "./graph-block.ts";
import { createHarvest } from "./harvest.ts";
import { cacheNames, createKvCache } from "./kv-cache.ts";
import type { LoadedModel, RunResult } from "./loaded-model.ts";
import { type Runtime, toTensorData } from "./runtime.ts";

export type Runner = Pick<LoadedModel, "run" | "harvest">;

export function createRunner(runtime: Runtime, config: Gpt2Config): Runner {
  const { session, Tensor } = runtime;
  const names = cacheNames(config);
  const feeds = createFeeds(Tensor, config);

  return {
    async run({
      ids,
      names: hooks,
      edits,
      logits,
      past,
      keepPast,
      editLength,
    }): Promise<RunResult> {
      const [B, T] = checkIds(ids, config, past?.length ?? 0);
      for (const hook of hooks) parseHook(hook, config);
      const start = past?.length ?? 0;
      const length = editLength ?? start + T;
      const rows =
        logits === "all"
          ? Array.from({ length: B * T }, (_, i) => i)
          : logits === "last"
            ? ids.map((_, row) => row * T + T - 1)
            : [0];
      const limit = editLength === undefined ? length : config.n_positions;
      const window = { start, count: T, length, limit };
      const given = feeds({ ids: ids.flat(), batch: B, logitRows: rows, past, edits, window });
      const wanted = [
        ...(logits === "none" ? [] : ["logits"]),
        ...hooks,
        ...(keepPast ? names.map(({ present }) => present) : []),
      ];
      // ONNX Runtime takes an empty list for "all outputs".
      const out = await session.run(given, wanted.length > 0 ? wanted : ["logits"]);
      const cache = new Map<string, TensorData>();
      for (const hook of hooks) {
        const tensor = toTensorData(out[hook]!);
        cache.set(hook, hook.endsWith("hook_attn_scores") ? masked(tensor) : tensor);
      }
      return {
        logits:
          logits === "none"
            ? null
            : {
                data: toTensorData(out["logits"]!).data,
                dims: [B, rows.length / B, config.vocab_size],
              },
        cache,
        past: keepPast
          ? createKvCache(
              start + T,
              new Map(names.map(({ past, present }) => [past, out[present]!])),
            )
          : null,
      };
    },

    harvest: createHarvest(runtime, config),
  };
}

/** What the graph keeps finite is −∞ by definition. */
function masked({ data, dims }: TensorData): TensorData {
  for (let i = 0; i < data.length; i++) if (data[i]! <= MASKED) data[i] = -Infinity;
  return { data, dims };
}
