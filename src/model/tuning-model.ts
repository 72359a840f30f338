/** The bench's checkpoint once more, with chosen tensors fed: for fine-tuning, and for a base beside its edits. */
import { LabError } from "../core/lab-error.ts";
import type { Device } from "../core/types.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { chooseDevice } from "./device.ts";
import { asStored } from "./edited-checkpoint.ts";
import { takeFault } from "./gpu-faults.ts";
import type { LoadedModel } from "./loaded-model.ts";
import { memoryNeed, WASM_BYTES } from "./memory-need.ts";
import { inTurn } from "./ort-queue.ts";
import { explain, guard } from "./run-guard.ts";
import { createSession } from "./session.ts";
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
  const choice = await chooseDevice(device);
  const session = await inTurn(() => createSession(checkpoint, choice, new Set(fed)), signal).catch(
    (e: unknown) => {
      throw explain(e);
    },
  );
  checkpoint.release();
  const runner = createTuningRunner(session, config, shapes, base);
  const guarded = guard(choice.lost, () => takeFault(choice.gpu));
  const turn = <T>(work: () => Promise<T>) => inTurn(() => guarded(work), signal);
  return {
    base,
    stored: (name, values) => asStored(values, tensors.get(name)!.dtype, name),
    feed: (weights) => runner.feed(weights),
    run: (request: Parameters<LoadedModel["run"]>[0]) => turn(() => runner.run(request)),
    logitsAt: (...given) => turn(() => runner.logitsAt(...given)),
    gradients: (...given) => turn(() => runner.gradients(...given)),
    dispose: () => inTurn(() => session.dispose()),
  };
}

/** On the CPU both lie in one WebAssembly memory. */
function refuseSecondCopy({ id, parameters }: Checkpoint, device: Device): void {
  const bytes = memoryNeed({ parameters }, 0).wasmBytes + 4 * parameters;
  if (device !== "wasm" || bytes <= WASM_BYTES) return;
  const gib = (n: number) => `${(n / 2 ** 30).toFixed(1)} GiB`;
  throw new LabError(
    "unsupported",
    `this needs a second copy of ${id} beside the one on the bench, ${gib(bytes)} in all, and WebAssembly in a browser tab ` +
      `has ${gib(WASM_BYTES)}; take a smaller model, or a GPU`,
  );
}
