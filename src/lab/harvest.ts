/**
 * Activations of one hook for contexts of token ids, where the training backend wants them: in the GPU's memory, never
 * read back, or as an array for WASM. The first token (BOS) of each context is left out: its activation is many times
 * larger than all others and says nothing of the text.
 */
import type { LoadedModel } from "../model/loaded-model.ts";
import type { Backend } from "../train/backend.ts";
import type { Rows } from "../train/shuffle-buffer.ts";

export interface Harvester {
  /** @param ids [contexts, T] @returns [contexts · (T − 1), width] */
  harvest(ids: Int32Array): Promise<Rows>;
  dispose(): void;
}

/** @param maxContexts the most that one call will bring */
export function createHarvester(
  model: LoadedModel,
  backend: Backend,
  hook: string,
  width: number,
  contextSize: number,
  maxContexts: number,
): Harvester {
  const buffer =
    model.gpu && backend.name === "webgpu"
      ? model.gpu.createBuffer({
          label: `harvest of ${hook}`,
          size: 4 * maxContexts * contextSize * width,
          usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
        })
      : null;
  return {
    async harvest(ids) {
      const contexts = ids.length / contextSize;
      const rows = await model.harvest(ids, contexts, hook, buffer);
      if (rows) return withoutFirst(rows, contexts, contextSize, width);
      return backend.adopt(buffer!, contexts, contextSize, width);
    },
    dispose: () => buffer?.destroy(),
  };
}

/** [contexts, T, width] → [contexts · (T − 1), width] */
export function withoutFirst(
  rows: Float32Array,
  contexts: number,
  contextSize: number,
  width: number,
): Float32Array {
  const kept = new Float32Array(contexts * (contextSize - 1) * width);
  const stride = contextSize * width;
  for (let c = 0; c < contexts; c++) {
    kept.set(rows.subarray(c * stride + width, (c + 1) * stride), c * (stride - width));
  }
  return kept;
}
