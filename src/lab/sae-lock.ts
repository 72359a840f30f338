/**
 * One tab at a time trains, measures or deletes an SAE: two would write its checkpoints in turn. The lock is the
 * browser's, so it is free again when its holder is closed or dies. Where the browser has no locks, each tab is on its own.
 */
import { LabError } from "../core/lab-error.ts";

/** A worker that is replaced by another gives up its locks a moment after its end. */
const PATIENCE_MS = 1500;

/** @throws LabError "bad-input" while another tab holds that SAE */
export async function withSaeLock<T>(id: string, work: () => Promise<T>): Promise<T> {
  const locks =
    typeof navigator === "undefined" ? undefined : (navigator as Partial<Navigator>).locks;
  if (!locks) return work();
  const state = { granted: false };
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const held = await locks.request(`glassroom sae ${id}`, { signal }, async () => {
      state.granted = true;
      return { result: await work() };
    });
    return held.result;
  } catch (e) {
    if (state.granted) throw e;
    throw new LabError(
      "bad-input",
      "another tab is working on this SAE; wait for it there, or cancel it, before you go on here",
      { cause: e },
    );
  }
}

/** The same of several; the order of taking them is the same in every tab. */
export const withSaeLocks = <T>(ids: readonly string[], work: () => Promise<T>): Promise<T> =>
  [...ids].sort().reduce<() => Promise<T>>((inner, id) => () => withSaeLock(id, inner), work)();
