/** What a source needs to load a checkpoint, besides its name. */
import { LabError } from "../core/lab-error.ts";
import type { LoadProgress } from "../core/model-source.ts";

export interface LoadContext {
  /** The app's own folder, ending in "/": embedded models lie under it. */
  baseUrl: URL;
  signal: AbortSignal;
  progress: (progress: LoadProgress) => void;
  /** The largest tensor that the device binds, in bytes; no limit where it is not given. */
  maxTensorBytes?: number | undefined;
  /** So long without a byte counts as a broken connection. @default 30 s */
  stallMs?: number | undefined;
  /** Wait before a broken download is taken up again. @default 1 s */
  retryMs?: number | undefined;
  /** Size of the pieces in which weights are kept. @default 16 MiB */
  partBytes?: number | undefined;
}

/** @throws LabError "cancelled" once the user has given up */
export function throwIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw new LabError("cancelled", "cancelled");
}
