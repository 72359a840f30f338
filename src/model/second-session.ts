/** Another session of the bench's checkpoint, with a graph of its own, beside the one on the bench. */
import { LabError } from "../core/lab-error.ts";
import type { Device } from "../core/types.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { chooseDevice } from "./device.ts";
import { takeFault } from "./gpu-faults.ts";
import type { GraphOptions } from "./graph.ts";
import { memoryNeed, WASM_BYTES } from "./memory-need.ts";
import { inTurn } from "./ort-queue.ts";
import { explain, guard } from "./run-guard.ts";
import { createSession, type ModelSession } from "./session.ts";

export interface SecondSession {
  session: ModelSession;
  /** Work with it, one thing after another; a lost device is told as such. */
  turn: <T>(work: () => Promise<T>, signal?: AbortSignal) => Promise<T>;
  dispose: () => Promise<void>;
}

/** Lets go of the checkpoint's weights. @throws LabError "unsupported" where two copies do not fit */
export async function openSecond(
  checkpoint: Checkpoint,
  device: Device,
  options: Pick<GraphOptions, "fed" | "cuts">,
  signal: AbortSignal,
): Promise<SecondSession> {
  const choice = await chooseDevice(device);
  const session = await inTurn(() => createSession(checkpoint, choice, options), signal).catch(
    (e: unknown) => {
      throw explain(e);
    },
  );
  checkpoint.release();
  const guarded = guard(choice.lost, () => takeFault(choice.gpu));
  return {
    session,
    turn: (work, of) => inTurn(() => guarded(work), of),
    dispose: () => inTurn(() => session.dispose()),
  };
}

/** On the CPU both lie in one WebAssembly memory. @throws LabError "unsupported" */
export function refuseSecondCopy(
  { id, parameters }: Pick<Checkpoint, "id" | "parameters">,
  device: Device,
): void {
  const bytes = memoryNeed({ parameters }, 0).wasmBytes + 4 * parameters;
  if (device !== "wasm" || bytes <= WASM_BYTES) return;
  const gib = (n: number) => `${(n / 2 ** 30).toFixed(1)} GiB`;
  throw new LabError(
    "unsupported",
    `this needs a second copy of ${id} beside the one on the bench, ${gib(bytes)} in all, and WebAssembly in a browser tab ` +
      `has ${gib(WASM_BYTES)}; take a smaller model, or a GPU`,
  );
}
