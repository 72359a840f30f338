/** A stream told a second time from its beginning: what was heard already is not told again. */
import { LabError } from "../core/lab-error.ts";

/**
 * @param heard what came the first time
 * @returns a listener that passes on what is new. `check` throws LabError "internal" if the second telling was another:
 *   a seed gives the same text on the same device, but another device may round another way
 */
export function skipHeard<T>(heard: readonly T[], onProgress: (progress: T) => void) {
  let at = 0;
  let same = true;
  return {
    onProgress: (progress: T) => {
      const before = heard[at++];
      if (before === undefined) {
        if (same) onProgress(progress);
      } else if (idOf(before) !== idOf(progress)) same = false;
    },
    check: () => {
      if (same) return;
      throw new LabError(
        "internal",
        "the text took another way when it was begun again after the lab had stopped; generate it anew",
      );
    },
  };
}

const idOf = (progress: unknown): unknown =>
  typeof progress === "object" && progress !== null && "id" in progress ? progress.id : progress;
