/** Runs the instrumented graph: feeds, outputs, the KV cache, and activations left on the GPU. */
import { fromZ, type HookPoint, parseHook } from "../core/hooks.ts";
import type { Gpt2Config, TensorData } from "../core/types.ts";
import { checkIds, createFeeds } from "./feeds.ts";
import { createDifferentiate } from "./differentiate.ts";
import { openEdgeScores } from "./edge-scores.ts";
import { FEW_LOGITS } from "./graph-embed.ts";
import { createHarvest } from "./harvest.ts";
import { createKeep } from "./keep.ts";
import { cacheNames, createKvCache } from "./kv-cache.ts";
import type { LoadedModel, RunResult } from "./loaded-model.ts";
import { type Runtime, toTensorData } from "./runtime.ts";
import { unmask } from "./scores.ts";

export type Runner = Pick<LoadedModel, "run" | "keep" | "harvest" | "differentiate" | "edgeScores">;

export function createRunner(runtime: Runtime, config: Gpt2Config): Runner {
  const { session, Tensor } = runtime;
  const names = cacheNames(config);
  const prepare = createFeeds(Tensor, config);
  /** Whether a hook comes after the last block's keys and values, where all positions are computed only if it is asked for. */
  const atTheEnd = ({ stage, site }: HookPoint) =>
    stage === "final" ||
    stage === fromZ(config.n_layer - 1) ||
    (stage === config.n_layer - 1 && /scores|pattern/.test(site));

  return {
    async run({
      ids,
      names: hooks,
      edits,
      logits,
      only,
      past,
      sharedPast,
      keepPast = false,
      editLength,
    }): Promise<RunResult> {
      const start = past?.length ?? sharedPast?.length ?? 0;
      const T = checkIds(ids, config, start);
      const shortest = Math.min(...ids.map((row) => row.length));
      const lengths = ids.map((row) => editLength ?? start + row.length);
      const limit = editLength === undefined ? 0 : config.n_positions;
      const points = hooks.map((hook) => parseHook(hook, config));
      const last = logits === "last" && !points.some(atTheEnd) ? 1 + T - shortest : T;
      const logitRows = (at: readonly number[]): number[] => {
        if (logits === "none") return [];
        if (logits === "last")
          return at.map((row, i) => row * last + last - 1 - (T - ids[i]!.length));
        return at.flatMap((row) => Array.from({ length: T }, (_, i) => row * T + i));
      };
      const { feeds, stages } = prepare({
        ids,
        window: { start, count: T, lengths, limit },
        edits,
        names: hooks,
        toTheEnd: logits !== "none" || keepPast,
        past,
        sharedPast,
        share: !past && !keepPast,
        last,
        logitRows,
        only,
      });
      const found = only ? FEW_LOGITS.logits : "logits";
      const wanted = [
        ...(logits === "none" ? [] : [found]),
        ...hooks,
        ...(keepPast ? names.map(({ present }) => present) : []),
      ];
      // ONNX Runtime takes an empty list for "all outputs".
      const out = await session.run(feeds, wanted.length > 0 ? wanted : ["logits"]);
      const cache = new Map<string, TensorData>();
      for (const { name, stage } of points) {
        const { at } = stages.get(stage)!;
        cache.set(name, unmask(name, spread(toTensorData(out[name]!), at)));
      }
      return {
        logits:
          logits === "none"
            ? null
            : {
                data: toTensorData(out[found]!).data,
                dims: [ids.length, logits === "last" ? 1 : T, only?.length ?? config.vocab_size],
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

    keep: createKeep(runtime, config),
    differentiate: createDifferentiate(runtime, config),
    harvest: createHarvest(runtime, config),
    edgeScores: () => openEdgeScores(runtime.openGraph, Tensor, config),
  };
}

/** Computed rows → the rows of the batch, each where it was computed. */
function spread(computed: TensorData, at: readonly number[]): TensorData {
  const [rows, ...rest] = computed.dims;
  if (rows === at.length && at.every((row, i) => row === i)) return computed;
  const size = computed.data.length / rows!;
  const data = new Float32Array(at.length * size);
  at.forEach((row, i) => data.set(computed.data.subarray(row * size, (row + 1) * size), i * size));
  return { data, dims: [at.length, ...rest] };
}
