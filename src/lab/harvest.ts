/**
 * Activations for contexts of token ids, where the training backend wants them: in the GPU's memory, never read back, or as
 * an array for WASM. Of a transcoder both hooks come from one run, side by side in each row (`train/pairs.ts`). The first
 * token (BOS) of each context is left out: its activation is many times larger than all others and says nothing of the text.
 */
import type { LoadedModel } from "../model/loaded-model.ts";
import type { Backend } from "../train/backend.ts";
import type { Rows } from "../train/shuffle-buffer.ts";

export interface Harvester {
  /** @param ids [contexts, T] @returns [contexts · (T − 1), Σ widths] */
  harvest(ids: Int32Array): Promise<Rows>;
  dispose(): void;
}
/** A hook point and how many numbers it has a token. */
export interface HookWidth {
  hook: string;
  width: number;
}

/** @param maxContexts the most that one call will bring */
export function createHarvester(
  model: LoadedModel,
  backend: Backend,
  read: readonly HookWidth[],
  contextSize: number,
  maxContexts: number,
): Harvester {
  const { gpu } = model;
  const hooks = read.map(({ hook }) => hook);
  const widths = read.map(({ width }) => width);
  const buffers =
    gpu && backend.name === "webgpu"
      ? read.map(({ hook, width }) =>
          gpu.createBuffer({
            label: `harvest of ${hook}`,
            size: 4 * maxContexts * contextSize * width,
            usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
          }),
        )
      : null;
  return {
    async harvest(ids) {
      const contexts = ids.length / contextSize;
      const rows = await model.harvest(ids, contexts, hooks, buffers);
      if (rows) return sideBySide(rows, widths, contexts, contextSize);
      return backend.adopt(buffers!, contexts, contextSize, widths);
    },
    dispose: () => buffers?.forEach((buffer) => buffer.destroy()),
  };
}

/** Each [contexts, T, width] → [contexts · (T − 1), Σ widths] without each context's first token. */
export function sideBySide(
  values: readonly Float32Array[],
  widths: readonly number[],
  contexts: number,
  contextSize: number,
): Float32Array {
  const rowLength = widths.reduce((a, b) => a + b, 0);
  const kept = new Float32Array(contexts * (contextSize - 1) * rowLength);
  let to = 0;
  for (let c = 0; c < contexts; c++) {
    for (let t = 1; t < contextSize; t++) {
      const token = c * contextSize + t;
      for (const [i, width] of widths.entries()) {
        kept.set(values[i]!.subarray(token * width, (token + 1) * width), to);
        to += width;
      }
    }
  }
  return kept;
}
