/** A run whose activations stay where they were computed, on the GPU where there is one, until they are read or let go. */
import type { Tensor } from "onnxruntime-web";
import { parseHook } from "../core/hooks.ts";
import { LabError } from "../core/lab-error.ts";
import type { Gpt2Config, TensorData } from "../core/types.ts";
import { axisSizes } from "./edit-check.ts";
import { checkIds, createFeeds } from "./feeds.ts";
import type { LoadedModel } from "./loaded-model.ts";
import { type Runtime, toTensorData } from "./runtime.ts";
import { unmask } from "./scores.ts";

export function createKeep(
  { session, Tensor, gpu }: Runtime,
  config: Gpt2Config,
): LoadedModel["keep"] {
  const prepare = createFeeds(Tensor, config);

  return async ({ ids, names, edits }) => {
    const T = checkIds(ids, config, 0);
    const wanted = [...new Set(names)];
    if (wanted.length === 0) throw new LabError("bad-input", "no hook point was named");
    const { feeds } = prepare({
      ids,
      window: { start: 0, count: T, lengths: ids.map((row) => row.length), limit: 0 },
      edits,
      names: wanted,
      toTheEnd: false,
      share: false, // a buffer has room for every row
      logitRows: () => [],
    });
    const dims = new Map(
      wanted.map((name) => [
        name,
        [ids.length, ...axisSizes(parseHook(name, config).axes, config, T)],
      ]),
    );
    const buffers = gpu
      ? new Map(wanted.map((name) => [name, room(gpu, name, dims.get(name)!)]))
      : null;
    const dispose = () => buffers?.forEach((buffer) => buffer.destroy());
    const held = new Map<string, TensorData>();
    try {
      if (buffers) await session.run(feeds, onGpu(buffers, dims));
      else {
        const out = await session.run(feeds, wanted);
        for (const name of wanted) held.set(name, unmask(name, toTensorData(out[name]!)));
      }
    } catch (e) {
      dispose();
      throw e;
    }
    return {
      dims,
      read: async (name) => {
        const size = dims.get(name);
        if (!size) {
          throw new LabError("bad-input", `"${name}" was not kept; kept are ${wanted.join(", ")}`);
        }
        if (!buffers) return { data: held.get(name)!.data.slice(), dims: [...size] };
        const data = await readBack(gpu!, buffers.get(name)!, bytesOf(size));
        return unmask(name, { data, dims: [...size] });
      },
      dispose: () => {
        dispose();
        held.clear();
      },
    };
  };

  function onGpu(buffers: ReadonlyMap<string, GPUBuffer>, dims: ReadonlyMap<string, number[]>) {
    const fetches: Record<string, Tensor> = {};
    for (const [name, buffer] of buffers) {
      fetches[name] = Tensor.fromGpuBuffer(buffer, { dataType: "float32", dims: dims.get(name)! });
    }
    return fetches;
  }
}

const bytesOf = (dims: readonly number[]): number => 4 * dims.reduce((a, b) => a * b, 1);

/** ONNX Runtime writes in units of 16 bytes. */
function room(gpu: GPUDevice, label: string, dims: readonly number[]): GPUBuffer {
  const { STORAGE, COPY_SRC, COPY_DST } = GPUBufferUsage;
  const size = 16 * Math.ceil(bytesOf(dims) / 16);
  return gpu.createBuffer({ label, size, usage: STORAGE | COPY_SRC | COPY_DST });
}

async function readBack(gpu: GPUDevice, from: GPUBuffer, bytes: number): Promise<Float32Array> {
  const { MAP_READ, COPY_DST } = GPUBufferUsage;
  const copy = gpu.createBuffer({ size: bytes, usage: MAP_READ | COPY_DST });
  try {
    const encoder = gpu.createCommandEncoder();
    encoder.copyBufferToBuffer(from, 0, copy, 0, bytes);
    gpu.queue.submit([encoder.finish()]);
    await copy.mapAsync(GPUMapMode.READ);
    return new Float32Array(copy.getMappedRange().slice(0));
  } finally {
    copy.destroy();
  }
}
