/** The bench's checkpoint once more, with chosen tensors fed: for fine-tuning, and for a base beside its edits. */
import type { Device } from "../core/types.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { asStored } from "./edited-checkpoint.ts";
import type { LoadedModel } from "./loaded-model.ts";
import { openSecond, refuseSecondCopy } from "./second-session.ts";
import { createTuningRunner, type TuningRunner } from "./tuning.ts";

export interface TuningModel extends TuningRunner {
  /** The base's values of the tensors that are fed, in float32. */
  base: ReadonlyMap<string, Float32Array>;
  /** A tensor's values as the base's dtype holds them. */
  stored: (name: string, values: Float32Array) => Float32Array;
  dispose: () => Promise<void>;
}

/** Lets go of the checkpoint's weights. @throws LabError "unsupported" where two copies do not fit */
export async function openTuning(
  checkpoint: Checkpoint,
  device: Device,
  fed: readonly string[],
  signal: AbortSignal,
): Promise<TuningModel> {
  refuseSecondCopy(checkpoint, device);
  const shapes = new Map<string, readonly number[]>();
  const base = new Map<string, Float32Array>();
  for (const name of fed) {
    const { data, dims } = await checkpoint.readTensor(name, signal);
    shapes.set(name, dims);
    base.set(name, data);
  }
  const { tensors, config } = checkpoint;
  const second = await openSecond(checkpoint, device, { fed: new Set(fed) }, signal);
  const runner = createTuningRunner(second.session, config, shapes, base);
  const turn = <T>(work: () => Promise<T>) => second.turn(work, signal);
  return {
    base,
    stored: (name, values) => asStored(values, tensors.get(name)!.dtype, name),
    feed: (weights) => runner.feed(weights),
    run: (request: Parameters<LoadedModel["run"]>[0]) => turn(() => runner.run(request)),
    logitsAt: (...given) => turn(() => runner.logitsAt(...given)),
    gradients: (...given) => turn(() => runner.gradients(...given)),
    dispose: second.dispose,
  };
}
