/** Long work in slices: between them the worker answers others, tells how far it is, and can be stopped. */
import { breathe } from "../core/breathe.ts";

const SLICE = 24; // milliseconds

/** Runs a generator that yields now and then. @param tell hears the last yield of each slice */
export async function inSlices<Y, T>(
  work: Generator<Y, T>,
  signal: AbortSignal,
  tell: (yielded: Y) => void = () => {},
): Promise<T> {
  let since = performance.now();
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
    if (performance.now() - since < SLICE) continue;
    tell(step.value);
    await breathe();
    signal.throwIfAborted();
    since = performance.now();
  }
}
