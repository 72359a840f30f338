/** Gradients of a task's metric by what lies at hook points, of several runs of one prompt side by side. */
import type { DirectEdit } from "../core/edits.ts";
import type { TaskMetric } from "../core/task.ts";
import type { TensorData } from "../core/types.ts";
import { type MetricTokens, taskGradient } from "../math/task-metric.ts";
import type { LoadedModel } from "../model/loaded-model.ts";

/** Rows of one run: more would only take more memory. */
export const GRADIENT_ROWS = 8;

export interface Slope {
  model: Pick<LoadedModel, "run" | "differentiate" | "info">;
  /** Hook points whose gradients, and whose values, are wanted. */
  hooks: readonly string[];
  values?: readonly string[];
  tokens: MetricTokens;
  metric: TaskMetric;
  signal: AbortSignal;
}
export interface RowGradients {
  /** [rows, …], in the hook's own shape. */
  gradient: (hook: string) => TensorData;
  value: (hook: string) => TensorData;
}

/**
 * The metric is read at each row's last position. Its slope by the logits is a number where it does not depend on them; else
 * they are run for, unless they are given.
 * @param logits [rows, V]
 */
export async function rowGradients(
  { model, hooks, values = [], tokens, metric, signal }: Slope,
  ids: readonly (readonly number[])[],
  edits: readonly DirectEdit[],
  logits: Float32Array | null = null,
): Promise<RowGradients> {
  const V = model.info.config.vocab_size;
  const constant = new Float32Array(ids.length * V);
  if (metric === "logitDiff") {
    const one = taskGradient(metric, new Float32Array(V), tokens);
    ids.forEach((_, row) => constant.set(one, row * V));
  } else {
    const all =
      logits ?? (await model.run({ ids, names: [], edits, logits: "last", signal })).logits!.data;
    ids.forEach((_, row) => {
      const z = all.subarray(row * V, (row + 1) * V);
      constant.set(taskGradient(metric, z, tokens), row * V);
    });
  }
  const found = await model.differentiate({
    ids,
    ...{ gradients: hooks, values, edits, signal },
    seed: {
      kind: "logits",
      at: ids.map((row, index) => ({ row: index, pos: row.length - 1 })),
      constant,
      softmax: new Float32Array(ids.length),
    },
  });
  return {
    gradient: (hook) => found.gradients.get(hook)!,
    value: (hook) => found.values.get(hook)!,
  };
}

/** Ways from one prompt's embeddings to another's: midpoints of equal steps, `GRADIENT_ROWS` of them at a time. */
export function* embeddingRows(
  { data: from }: TensorData,
  { data: to }: TensorData,
  steps: number,
): Generator<DirectEdit[]> {
  for (let done = 0; done < steps; done += GRADIENT_ROWS) {
    const rows = Math.min(GRADIENT_ROWS, steps - done);
    yield Array.from({ length: rows }, (_, row): DirectEdit => {
      const alpha = (done + row + 0.5) / steps;
      return {
        ...{ hook: "hook_embed", op: "replace", row },
        value: from.map((x, i) => x + alpha * (to[i]! - x)),
      };
    });
  }
}
