/** What can go wrong while ONNX Runtime works, told so that the user knows what to do. */
import { LabError, toLabError } from "../core/lab-error.ts";
import { isUnread, lossBehind } from "./gpu-loss.ts";

/**
 * Wraps runs on a device that may be lost: it then leaves a run unanswered, or answers with an error of its own, and
 * what is reported is the loss, for that run and for all later ones.
 * @param lost null for a device that cannot be
 * @param takeFault what the device has told of meanwhile, apart from the run's own answer
 */
export function guard(
  lost: Promise<LabError> | null,
  takeFault: () => LabError | null = () => null,
): <T>(task: () => Promise<T>) => Promise<T> {
  let gone: LabError | null = null;
  const check = () => {
    if (gone) throw gone;
  };
  const loss = lost?.then((error) => {
    gone = error;
    throw error;
  });
  loss?.catch(() => {}); // reported by the runs it stops
  return async (task) => {
    check();
    try {
      const result = await (loss ? Promise.race([task(), loss]) : task());
      const fault = takeFault();
      if (fault) throw fault;
      return result;
    } catch (e) {
      if (isUnread(e)) await lossBehind(e, lost);
      check();
      throw takeFault() ?? explain(e);
    }
  };
}

const OUT_OF_MEMORY = /bad_alloc|out of memory|failed to allocate|allocation failed|OOM/i;

/** ONNX Runtime's errors are plain; the one that a user can do something about is told apart. */
export function explain(e: unknown): LabError {
  const error = toLabError(e);
  if (error.code !== "internal" || !OUT_OF_MEMORY.test(error.message)) return error;
  return new LabError(
    "out-of-memory",
    `there is not enough memory for this (${error.message}); use fewer tokens or a smaller model, or close other tabs`,
    { cause: e },
  );
}
