/**
 * Activations of one hook for many contexts, for training: on a GPU written where the caller wants them and never read
 * back. The graph keeps all its hook points until a run ends, asked for or not, so a batch is run in parts that fit.
 */
import { BLOCK_SITES, isOnRequest, parseHook, type Stage } from "../core/hooks.ts";
import { LabError } from "../core/lab-error.ts";
import type { Gpt2Config } from "../core/types.ts";
import { axisSizes } from "./edit-check.ts";
import { checkIds, createFeeds } from "./feeds.ts";
import type { LoadedModel } from "./loaded-model.ts";
import { type Runtime, toTensorData } from "./runtime.ts";

/** So much memory one run may take for its activations. */
const RUN_BYTES = 2 ** 28;

export function createHarvest(
  { session, Tensor, gpu }: Runtime,
  config: Gpt2Config,
  runBytes = RUN_BYTES,
): LoadedModel["harvest"] {
  const prepare = createFeeds(Tensor, config);

  return async (ids, batch, hook, target) => {
    const { axes, stage } = parseHook(hook, config);
    const T = ids.length / batch;
    const rows = Array.from({ length: batch }, (_, r) => [...ids.subarray(r * T, (r + 1) * T)]);
    checkIds(rows, config, 0);
    if (axes[0] !== "T") {
      throw new LabError("bad-input", `${hook} has no row per token, so it cannot be harvested`);
    }
    const width = axisSizes(axes.slice(1), config, T).reduce((a, b) => a * b, 1);
    if (target && target.size < 4 * ids.length * width) {
      throw new LabError(
        "shape",
        `${hook} of ${ids.length} tokens takes ${4 * ids.length * width} bytes, the buffer has ${target.size}`,
      );
    }
    const run = async (part: readonly (readonly number[])[], out: GPUBuffer | null) => {
      const { feeds } = prepare({
        ids: part,
        window: { start: 0, count: T, lengths: part.map(() => T), limit: 0 },
        edits: [],
        names: [hook],
        toTheEnd: false,
        share: false, // the buffer has room for every row
        logitRows: () => [],
      });
      if (!out) return toTensorData((await session.run(feeds, [hook]))[hook]!).data;
      const dims = [part.length, ...axisSizes(axes, config, T)];
      const tensor = Tensor.fromGpuBuffer(out, { dataType: "float32", dims });
      await session.run(feeds, { [hook]: tensor });
      return null;
    };

    const size = contextsPerRun(config, stage, T, runBytes);
    if (size >= batch) return run(rows, target);
    const parts = Array.from({ length: Math.ceil(batch / size) }, (_, i) =>
      rows.slice(i * size, (i + 1) * size),
    );
    if (target) {
      await inParts(gpu!, target, parts, 4 * T * width, run);
      return null;
    }
    const all = new Float32Array(ids.length * width);
    for (const [i, part] of parts.entries())
      all.set((await run(part, null))!, i * size * T * width);
    return all;
  };
}

/** Runs each part into a buffer of its own and copies it to its place, all on the GPU. */
async function inParts(
  gpu: GPUDevice,
  target: GPUBuffer,
  parts: readonly (readonly number[])[][],
  contextBytes: number,
  run: (part: readonly (readonly number[])[], out: GPUBuffer) => Promise<unknown>,
): Promise<void> {
  const { STORAGE, COPY_SRC, COPY_DST } = GPUBufferUsage;
  const buffer = gpu.createBuffer({
    label: "part of a harvest",
    size: parts[0]!.length * contextBytes,
    usage: STORAGE | COPY_SRC | COPY_DST,
  });
  try {
    let at = 0;
    for (const part of parts) {
      await run(part, buffer);
      const bytes = part.length * contextBytes;
      const encoder = gpu.createCommandEncoder();
      encoder.copyBufferToBuffer(buffer, 0, target, at, bytes);
      gpu.queue.submit([encoder.finish()]);
      at += bytes;
    }
  } finally {
    buffer.destroy(); // the copies that were submitted still complete
  }
}

/** Contexts of T tokens whose activations fit in one run: all sites of the layers up to a stage, as float32. */
export function contextsPerRun(config: Gpt2Config, until: Stage, T: number, bytes: number): number {
  const values = Object.entries(BLOCK_SITES)
    .filter(([site]) => !isOnRequest(site))
    .map(([, axes]) => axisSizes(axes, config, T).reduce((a, b) => a * b, 1))
    .reduce((a, b) => a + b, 0);
  const layers = typeof until === "number" ? until + 1 : until === "embed" ? 1 : config.n_layer;
  return Math.max(1, Math.floor(bytes / (4 * layers * values)));
}
