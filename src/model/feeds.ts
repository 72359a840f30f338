/** What the graph is fed with: token ids, the cache, edits. */
import type { Tensor, TensorConstructor } from "onnxruntime-web";
import { LabError } from "../core/lab-error.ts";
import type { Gpt2Config } from "../core/types.ts";
import { compileEdits, type EditWindow } from "./edits.ts";
import { cacheNames, type KvCache } from "./kv-cache.ts";
import type { RunRequest } from "./loaded-model.ts";

export type Feeds = Record<string, Tensor>;
interface Input {
  /** The rows of a batch, one after another. */
  ids: readonly number[];
  batch: number;
  /** Which rows of the flattened [B·T] residual are unembedded. */
  logitRows: readonly number[];
  past?: KvCache | undefined;
  edits: RunRequest["edits"];
  window: EditWindow;
}

export function createFeeds(Tensor: TensorConstructor, config: Gpt2Config) {
  const names = cacheNames(config);
  const int64 = (values: readonly number[], dims: readonly number[]) =>
    new Tensor("int64", BigInt64Array.from(values, BigInt), dims);

  return ({ ids, batch, logitRows, past, edits, window }: Input): Feeds => {
    const none = [batch, config.n_head, 0, config.n_embd / config.n_head];
    const feeds: Feeds = {
      input_ids: int64(ids, [batch, ids.length / batch]),
      logit_rows: int64(logitRows, [logitRows.length]),
    };
    for (const { past: name } of names) {
      feeds[name] = past?.tensors.get(name) ?? new Tensor("float32", new Float32Array(0), none);
    }
    for (const [name, { data, dims }] of compileEdits(edits, config, window)) {
      feeds[name] = new Tensor("float32", data, dims);
    }
    return feeds;
  };
}

/** @returns batch and length */
export function checkIds(
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
