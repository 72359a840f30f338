/** What there is room for in this tab. */
import type { TrainingRoom } from "../core/sae-trial.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import { WASM_BYTES } from "../model/memory-need.ts";

const GIB = 2 ** 30;
/** Browsers tell 8 where there is more. */
const MOST_TOLD = 8;

/** As far as the browser tells. TensorFlow.js has a WebAssembly memory of its own, of 4 GiB at most like any. */
export function trainingRoom({ gpu }: Pick<LoadedModel, "gpu">): TrainingRoom {
  const { deviceMemory } = (globalThis.navigator as { deviceMemory?: number } | undefined) ?? {};
  return {
    heap: gpu ? null : WASM_BYTES,
    tensor: gpu ? Math.min(gpu.limits.maxStorageBufferBindingSize, gpu.limits.maxBufferSize) : null,
    memory: deviceMemory === undefined || deviceMemory >= MOST_TOLD ? null : deviceMemory * GIB,
  };
}
