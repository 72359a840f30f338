/** The checkpoint of what is on the bench, its files read again. */
import { appUrl } from "../core/app-url.ts";
import type { Checkpoint } from "../model/checkpoint.ts";
import { getCheckpoint } from "../model/get-checkpoint.ts";
import { bench } from "./bench.ts";
import { withEdits } from "./edited-weights.ts";

/** Without the edits. @throws LabError "not-found" before the first model has loaded */
export function baseCheckpoint(signal: AbortSignal): Promise<Checkpoint> {
  const { source } = bench.origin();
  const baseUrl = new URL(appUrl("./"));
  return getCheckpoint(source, { baseUrl, signal, progress: () => {} });
}

/** As it is on the bench. @throws LabError "not-found" before the first model has loaded */
export async function benchCheckpoint(signal: AbortSignal): Promise<Checkpoint> {
  const { edited } = bench.origin();
  const base = await baseCheckpoint(signal);
  return edited ? withEdits(base, edited) : base;
}
