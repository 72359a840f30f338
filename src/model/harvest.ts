/**
 * Activations of hooks for many contexts, for training: on a GPU written where the caller wants them and never read
 * back. The graph keeps all its hook points until a run ends, asked for or not, so a batch is run in parts that fit.
 */
import { BLOCK_SITES, type HookPoint, isOnRequest, parseHook, type Stage } from "../core/hooks.ts";
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

  return async (ids, batch, hooks, targets) => {
    const T = ids.length / batch;
    const rows = Array.from({ length: batch }, (_, r) => [...ids.subarray(r * T, (r + 1) * T)]);
    checkIds(rows, config, 0);
    const points = hooks.map((hook) => parseHook(hook, config));
    const widths = points.map((point) => widthOf(point, config, T));
    targets?.forEach((target, i) => {
      const bytes = 4 * ids.length * widths[i]!;
      if (target.size >= bytes) return;
      throw new LabError(
        "shape",
        `${hooks[i]} of ${ids.length} tokens takes ${bytes} bytes, the buffer has ${target.size}`,
      );
    });
    const run = async (part: readonly (readonly number[])[], out: readonly GPUBuffer[] | null) => {
      const { feeds } = prepare({
        ids: part,
        window: { start: 0, count: T, lengths: part.map(() => T), limit: 0 },
        edits: [],
        names: [...hooks],
        toTheEnd: false,
        share: false, // the buffers have room for every row
        logitRows: () => [],
      });
      if (!out) {
        const found = await session.run(feeds, [...hooks]);
        return hooks.map((hook) => toTensorData(found[hook]!).data);
      }
      const fetches = points.map(({ name, axes }, i) => {
        const dims = [part.length, ...axisSizes(axes, config, T)];
        return [name, Tensor.fromGpuBuffer(out[i]!, { dataType: "float32", dims })] as const;
      });
      await session.run(feeds, Object.fromEntries(fetches));
      return null;
    };

    const size = Math.min(...points.map(({ stage }) => contextsPerRun(config, stage, T, runBytes)));
    if (size >= batch) return run(rows, targets);
    const parts = Array.from({ length: Math.ceil(batch / size) }, (_, i) =>
      rows.slice(i * size, (i + 1) * size),
    );
    if (targets) {
      const contextBytes = widths.map((width) => 4 * T * width);
      await inParts(gpu!, targets, parts, contextBytes, run);
      return null;
    }
    const all = widths.map((width) => new Float32Array(ids.length * width));
    for (const [i, part] of parts.entries()) {
      const found = (await run(part, null))!;
      all.forEach((values, h) => values.set(found[h]!, i * size * T * widths[h]!));
    }
    return all;
  };
}

/** Numbers of one token's worth at a hook. @throws LabError "bad-input" for one that has no row per token */
function widthOf({ name, axes }: HookPoint, config: Gpt2Config, T: number): number {
  if (axes[0] !== "T") {
    throw new LabError("bad-input", `${name} has no row per token, so it cannot be harvested`);
  }
  return axisSizes(axes.slice(1), config, T).reduce((a, b) => a * b, 1);
}

/** Runs each part into buffers of its own and copies them to their places, all on the GPU. */
async function inParts(
  gpu: GPUDevice,
  targets: readonly GPUBuffer[],
  parts: readonly (readonly number[])[][],
  contextBytes: readonly number[],
  run: (part: readonly (readonly number[])[], out: readonly GPUBuffer[]) => Promise<unknown>,
): Promise<void> {
  const { STORAGE, COPY_SRC, COPY_DST } = GPUBufferUsage;
  const buffers = contextBytes.map((bytes) =>
    gpu.createBuffer({
      label: "part of a harvest",
      size: parts[0]!.length * bytes,
      usage: STORAGE | COPY_SRC | COPY_DST,
    }),
  );
  try {
    let done = 0;
    for (const part of parts) {
      await run(part, buffers);
      const encoder = gpu.createCommandEncoder();
      for (const [i, bytes] of contextBytes.entries()) {
        const [from, to] = [buffers[i]!, targets[i]!];
        encoder.copyBufferToBuffer(from, 0, to, done * bytes, part.length * bytes);
      }
      gpu.queue.submit([encoder.finish()]);
      done += part.length;
    }
  } finally {
    for (const buffer of buffers) buffer.destroy(); // the copies that were submitted still complete
  }
}

/** Contexts of T tokens whose activations fit in one run: all sites of the layers up to a stage, as float32. */
export function contextsPerRun(config: Gpt2Config, until: Stage, T: number, bytes: number): number {
  const values = Object.entries(BLOCK_SITES)
    .filter(([site]) => !isOnRequest(site))
    .map(([, axes]) => axisSizes(axes, config, T).reduce((a, b) => a * b, 1))
    .reduce((a, b) => a + b, 0);
  const layers =
    typeof until === "number" ? Math.floor(until) + 1 : until === "embed" ? 1 : config.n_layer;
  return Math.max(1, Math.floor(bytes / (4 * layers * values)));
}
