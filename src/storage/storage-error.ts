/** What went wrong with the browser's storage, in words. */
import { LabError } from "../core/lab-error.ts";

/** @param bytes that were to be stored */
export function storageError(e: unknown, bytes: number): LabError {
  if (e instanceof LabError) return e;
  if (e instanceof DOMException && e.name === "QuotaExceededError") {
    return new LabError(
      "quota",
      `the browser gives this site no room for ${(bytes / 1e6).toFixed(1)} MB more. ` +
        `Export and delete SAEs that you do not need, or free space on the disk; nothing that was stored is lost.`,
      { cause: e },
    );
  }
  const why = e instanceof Error ? e.message : String(e);
  return new LabError(
    "internal",
    `the browser's storage cannot be used (${why}); a private window may not have any. Let the browser keep data for this site, or use another window`,
    { cause: e },
  );
}
