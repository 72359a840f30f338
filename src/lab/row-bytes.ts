/** How much memory a row of a batch takes while it is run, and how much there is: both estimates, on the safe side. */
import type { HookPoint } from "../core/hooks.ts";
import type { ModelInfo } from "../core/model-info.ts";
import type { Gpt2Config } from "../core/types.ts";
import { axisSizes } from "../model/edit-check.ts";
import { WASM_BYTES } from "../model/memory-need.ts";

export interface RowQuestion {
  /** Tokens of the row. */
  T: number;
  /** Hook points that are returned. */
  names: readonly HookPoint[];
  /** Hook points that are edited: a row of mul and add each, at most as large as the value. */
  edited: readonly HookPoint[];
  /** Rows of logits. */
  logits: number;
}

/**
 * 4 bytes times: what is returned, twice (the runtime's and the copy); mul and add of edits; and what one block has at a
 * time: some six values of d_model and three of d_mlp a token, three of T² a head.
 */
export function rowBytes(config: Gpt2Config, { T, names, edited, logits }: RowQuestion): number {
  const { n_embd, n_inner, n_head, vocab_size } = config;
  const sizeOf = ({ axes }: HookPoint) => axisSizes(axes, config, T).reduce((a, b) => a * b, 1);
  const sum = (hooks: readonly HookPoint[]) => hooks.reduce((n, hook) => n + sizeOf(hook), 0);
  const block = T * (6 * n_embd + 3 * n_inner) + 3 * n_head * T * T;
  return 4 * (2 * (sum(names) + logits * vocab_size) + 2 * sum(edited) + block);
}

const GPU_BYTES = 2 ** 29;
const LEAST_BYTES = 2 ** 26;
const RUNTIME_BYTES = 150e6;

/**
 * What the rows of one run may take: a quarter of what the weights leave of WebAssembly's memory; on a GPU half a GiB.
 * @param copies of the weights that are there
 */
export function rowBudget({ device, parameters, config }: ModelInfo, copies = 1): number {
  if (device === "webgpu") return GPU_BYTES;
  const own = 4 * (parameters + config.vocab_size * config.n_embd);
  const weights = copies * own + RUNTIME_BYTES;
  return Math.max(LEAST_BYTES, (WASM_BYTES - weights) / 4);
}
