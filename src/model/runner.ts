/** Runs the instrumented graph: feeds, outputs, the KV cache, and activations left on the GPU. */
import type { InferenceSession, Tensor, TensorConstructor } from "onnxruntime-web";
import { parseHook } from "../core/hooks.ts";
import { LabError } from "../core/lab-error.ts";
import type { Gpt2Config, TensorData } from "../core/types.ts";
import { axisSizes } from "./edit-check.ts";
import { compileEdits, type EditWindow } from "./edits.ts";
import { MASKED } from "./graph-block.ts";
import { cacheNames, createKvCache, type KvCache } from "./kv-cache.ts";
import type { LoadedModel, RunRequest, RunResult } from "./loaded-model.ts";

/** What a runner needs of ONNX Runtime; tests give it the build for Node. */
export interface Runtime {
  session: InferenceSession;
  Tensor: TensorConstructor & {
    fromGpuBuffer: (typeof Tensor)["fromGpuBuffer"];
  };
}
export type Runner = Pick<LoadedModel, "run" | "harvest">;
type Feeds = Record<string, Tensor>;

export function createRunner({ session, Tensor }: Runtime, config: Gpt2Config): Runner {
  const names = cacheNames(config);
  const int64 = (values: readonly number[], dims: readonly number[]) =>
    new Tensor("int64", BigInt64Array.from(values, BigInt), dims);
  const float32 = ({ data, dims }: TensorData) => new Tensor("float32", data, dims);

  function feeds(
    ids: readonly number[],
    batch: number,
    rows: readonly number[],
    past: KvCache | undefined,
  ) {
    const none = [batch, config.n_head, 0, config.n_embd / config.n_head];
    const given: Feeds = {
      input_ids: int64(ids, [batch, ids.length / batch]),
      logit_rows: int64(rows, [rows.length]),
    };
    for (const { past: name } of names) {
      given[name] = past?.tensors.get(name) ?? new Tensor("float32", new Float32Array(0), none);
    }
    return given;
  }

  function addEdits(given: Feeds, edits: RunRequest["edits"], window: EditWindow): void {
    for (const [name, tensor] of compileEdits(edits, config, window)) given[name] = float32(tensor);
  }

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
      const given = feeds(ids.flat(), B, rows, past);
      const limit = editLength === undefined ? length : config.n_positions;
      addEdits(given, edits, { start, count: T, length, limit });
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

    async harvest(ids, batch, hook, target) {
      const { axes } = parseHook(hook, config);
      const T = ids.length / batch;
      const rows = Array.from({ length: batch }, (_, row) => [
        ...ids.subarray(row * T, (row + 1) * T),
      ]);
      checkIds(rows, config, 0);
      if (axes[0] !== "T") {
        throw new LabError("bad-input", `${hook} has no row per token, so it cannot be harvested`);
      }
      const given = feeds([...ids], batch, [0], undefined);
      addEdits(given, [], { start: 0, count: T, length: T, limit: T });
      if (!target) return toTensorData((await session.run(given, [hook]))[hook]!).data;
      const dims = [batch, ...axisSizes(axes, config, T)];
      const bytes = 4 * dims.reduce((a, b) => a * b);
      if (target.size < bytes) {
        throw new LabError(
          "shape",
          `${hook} of ${ids.length} tokens takes ${bytes} bytes, the buffer has ${target.size}`,
        );
      }
      await session.run(given, {
        [hook]: Tensor.fromGpuBuffer(target, { dataType: "float32", dims }),
      });
      return null;
    },
  };
}

/** @returns batch and length */
function checkIds(
  ids: RunRequest["ids"],
  { vocab_size, n_positions }: Gpt2Config,
  past: number,
): [number, number] {
  const T = ids[0]?.length ?? 0;
  if (T === 0) throw new LabError("bad-input", "there are no tokens to run");
  if (ids.some((row) => row.length !== T)) {
    throw new LabError(
      "shape",
      `rows of a batch must be equally long, got ${ids.map((r) => r.length).join(", ")}`,
    );
  }
  if (past + T > n_positions) {
    throw new LabError(
      "bad-input",
      `${past + T} tokens are more than the model's context of ${n_positions}`,
    );
  }
  for (const row of ids) {
    for (const id of row) {
      if (!Number.isInteger(id) || id < 0 || id >= vocab_size) {
        throw new LabError(
          "bad-input",
          `${id} is no token id; this model has 0 … ${vocab_size - 1}`,
        );
      }
    }
  }
  return [ids.length, T];
}

const toTensorData = (tensor: Tensor): TensorData => ({
  data: tensor.data as Float32Array,
  dims: [...tensor.dims],
});

/** What the graph keeps finite is −∞ by definition. */
function masked({ data, dims }: TensorData): TensorData {
  for (let i = 0; i < data.length; i++) if (data[i]! <= MASKED) data[i] = -Infinity;
  return { data, dims };
}
