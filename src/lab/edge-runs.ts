/**
 * A task's metric with edges cut, of many circuits at once: each circuit and pair is a row of a batch. Rows are computed as one
 * up to the first reader in which they differ (`model/row-plan.ts`). What cut edges bring is gathered once.
 */
import { type CircuitGraph, circuitGraph, type EdgeMask } from "../core/circuit.ts";
import { breathe } from "../core/breathe.ts";
import type { Corruption } from "../core/found-circuit.ts";
import { blockHook } from "../core/hooks.ts";
import { toLabError } from "../core/lab-error.ts";
import type { RunPair, TaskMetric } from "../core/task.ts";
import type { Gpt2Config } from "../core/types.ts";
import { meanMetric } from "../math/circuit-tests.ts";
import { type MetricTokens, taskMetric } from "../math/task-metric.ts";
import type { SenderValues } from "../model/edge-feeds.ts";
import type { EdgeRunner } from "../model/edge-runner.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import { ChunkSize } from "./chunk-size.ts";
import { metricTokens } from "./patching.ts";
import { rowBudget, rowBytes } from "./row-bytes.ts";

/** The model on the bench, and beside it the one whose edges can be cut (`edge-bench.ts`). */
export type EdgeBench = Pick<LoadedModel, "run" | "info" | "tokenizer"> & { edges: EdgeRunner };
export interface EdgeRunQuestion {
  pairs: readonly RunPair[];
  metric: TaskMetric;
  /** What cut edges bring, by pair. */
  instead: readonly SenderValues[];
}
export interface EdgeRuns {
  graph: CircuitGraph;
  /** Circuits that one run has room for. */
  room: () => number;
  /** The metric of each circuit by pair; `ran` hears how many prompts have been run. */
  byPair: (masks: readonly EdgeMask[], ran?: (prompts: number) => void) => Promise<Float64Array[]>;
  /** The metric of each circuit, the mean over the pairs. */
  measure: (masks: readonly EdgeMask[]) => Promise<Float64Array>;
}

/** @param budget bytes that the rows of one run may take; by default what the model leaves of the memory */
export async function edgeRuns(
  model: EdgeBench,
  { pairs, metric, instead }: EdgeRunQuestion,
  signal: AbortSignal,
  budget = rowBudget(model.info, 2),
): Promise<EdgeRuns> {
  const { config } = model.info;
  const tokens: MetricTokens[] = [];
  for (const pair of pairs) tokens.push(await metricTokens(model, pair, metric, signal));
  const T = Math.max(...pairs.map(({ clean }) => clean.length));
  const size = new ChunkSize(budget / edgeRowBytes(config, T, pairs.length > 1));
  const V = config.vocab_size;

  const byPair: EdgeRuns["byPair"] = async (masks, ran = () => undefined) => {
    const values = masks.map(() => new Float64Array(pairs.length));
    const count = masks.length * pairs.length;
    for (let from = 0; from < count;) {
      const rows = Array.from({ length: Math.min(size.size, count - from) }, (_, i) => {
        const [pair, mask] = [Math.floor((from + i) / masks.length), (from + i) % masks.length];
        return { mask, pair };
      });
      const start = performance.now();
      try {
        const logits = await model.edges.run({
          ids: rows.map(({ pair }) => pairs[pair]!.clean),
          signal,
          cuts: {
            masks: rows.map(({ mask }) => masks[mask]!),
            instead: rows.map(({ pair }) => instead[pair]!),
          },
        });
        rows.forEach(({ mask, pair }, row) => {
          const z = logits.subarray(row * V, (row + 1) * V);
          values[mask]![pair] = taskMetric(metric, z, tokens[pair]!);
        });
        size.took(rows.length, performance.now() - start);
        from += rows.length;
        ran(rows.length);
      } catch (e) {
        if (toLabError(e).code !== "out-of-memory" || !size.tooLarge(rows.length)) throw e;
      }
      await breathe();
      signal.throwIfAborted();
    }
    return values;
  };
  return {
    graph: circuitGraph(config),
    room: () => Math.max(1, Math.floor(size.size / pairs.length)),
    byPair,
    measure: async (masks) => Float64Array.from(await byPair(masks), meanMetric),
  };
}

/** What cut edges bring: what the senders write in each pair's corrupted run, or nothing. */
export async function corruptedValues(
  model: Pick<EdgeBench, "run" | "info">,
  pairs: readonly RunPair[],
  corruption: Corruption,
  signal: AbortSignal,
): Promise<SenderValues[]> {
  if (corruption === "zero") return pairs.map(() => null);
  const values: SenderValues[] = [];
  for (const { corrupted } of pairs) values.push(await sent(model, corrupted, signal));
  return values;
}

/** What each sender writes in a run, [S, T, d] in the order of the circuit's graph. */
export async function sent(
  model: Pick<EdgeBench, "run" | "info">,
  ids: readonly number[],
  signal: AbortSignal,
): Promise<Float32Array> {
  const { n_layer, n_head: H, n_embd: d } = model.info.config;
  const layers = Array.from({ length: n_layer }, (_, layer) => ({
    heads: blockHook(layer, "attn.hook_result"),
    mlp: blockHook(layer, "hook_mlp_out"),
  }));
  const input = blockHook(0, "hook_resid_pre");
  const names = [input, ...layers.flatMap(({ heads, mlp }) => [heads, mlp])];
  const { cache } = await model.run({ ids: [ids], names, edits: [], logits: "none", signal });
  const T = ids.length;
  const out = new Float32Array((1 + n_layer * (H + 1)) * T * d);
  out.set(cache.get(input)!.data);
  layers.forEach(({ heads, mlp }, layer) => {
    const first = 1 + layer * (H + 1);
    const { data } = cache.get(heads)!; // [T, H, d]
    for (let t = 0; t < T; t++) {
      for (let h = 0; h < H; h++) {
        const at = (t * H + h) * d;
        out.set(data.subarray(at, at + d), ((first + h) * T + t) * d);
      }
    }
    out.set(cache.get(mlp)!.data, (first + H) * T * d);
  });
  return out;
}

/**
 * Of one row: all senders' differences, twice while they are put together and once as they are picked for a stage, and what
 * cut edges bring, twice where rows bring different things; the 3H streams of a layer some four times; and the block itself.
 */
function edgeRowBytes(config: Gpt2Config, T: number, several: boolean): number {
  const { n_layer, n_head, n_embd } = config;
  const S = 1 + n_layer * (n_head + 1);
  const values = T * n_embd * ((several ? 5 : 3) * S + 12 * n_head);
  return 4 * values + rowBytes(config, { T, names: [], edited: [], logits: 1 });
}
