/** A trial of training, which tells how long a run would take here; and what there is room for. Plain data. */
import type { Device } from "./types.ts";

export interface TrialResult {
  device: Device;
  /** Seconds to harvest one token's activation. */
  perHarvestedToken: number;
  /** Seconds of one step. */
  perStep: number;
  /** What was timed. */
  harvestedTokens: number;
  steps: number;
}
export type TrialProgress = "preparing" | "harvest" | "steps";

/** What holds a run in this tab. Bytes; null where it is not known. */
export interface TrainingRoom {
  /** Of WebAssembly's memory, on that backend: everything but the buffer lies there. */
  heap: number | null;
  /** The largest tensor that the GPU binds. */
  tensor: number | null;
  /** Of this computer. */
  memory: number | null;
}
