/**
 * The address from which the worker is started. A worker's Content-Security-Policy comes with its script; for a worker
 * that is to use a mirror the script is asked for with the mirror's origin, and whoever serves the app's files (its
 * service worker, `vite preview`) adds that one origin to what the worker may reach.
 */
import script from "./worker.ts?worker&url";

export function workerAddress(mirror: string | null): URL {
  const address = new URL(script, import.meta.url);
  const origin = mirror === null ? null : new URL(mirror).origin;
  if (origin !== null && origin !== location.origin) address.searchParams.set("hub", origin);
  return address;
}
