/** The loss of a GPU may be heard of after the errors that came of it: seconds after, where the worker is busy. */
import type { LabError } from "../core/lab-error.ts";

const MOMENT_MS = 500;
const UNREAD_MS = 20_000;

/** A buffer that could not be read. Whoever cancels a call does it with a `LabError`, so nothing but a loss brings this about. */
export const isUnread = (e: unknown): boolean =>
  e instanceof DOMException && e.name === "AbortError";

/** The loss behind an error; null if none is told of in time. */
export async function lossBehind(
  e: unknown,
  lost: Promise<LabError> | null,
): Promise<LabError | null> {
  if (!lost) return null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const moment = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), isUnread(e) ? UNREAD_MS : MOMENT_MS);
  });
  return Promise.race([lost, moment]).finally(() => clearTimeout(timer));
}
