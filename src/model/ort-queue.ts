/**
 * ONNX Runtime is one WebAssembly instance per worker and not re-entrant: neither two runs nor a run and the making of
 * a session may overlap. So everything that calls it waits its turn here.
 */
import { breathe } from "../core/breathe.ts";

let tail: Promise<unknown> = Promise.resolve();

/**
 * Runs `task` after all that were given before it, whether they succeeded or not.
 * Waiting messages are let in first, so that a call which was given up meanwhile is not computed.
 */
export function inTurn<T>(task: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  const mine = tail.then(async () => {
    await breathe();
    signal?.throwIfAborted();
    return task();
  });
  tail = mine.catch(() => {});
  return mine;
}
