/**
 * The addresses from which the workers are started. A worker's Content-Security-Policy comes with its script; for a worker
 * that is to use a server of the user's choice, a mirror of the Hub or one that writes labels, the script is asked for with
 * that server's origin, and whoever serves the app's files (its service worker, `vite preview`) adds that one origin to what
 * the worker may reach.
 */
import script from "./worker.ts?worker&url";
import writerScript from "./writer-worker.ts?worker&url";

export const workerAddress = (mirror: string | null): URL => reaching(script, mirror);
export const writerAddress = (server: string | null): URL => reaching(writerScript, server);

function reaching(worker: string, server: string | null): URL {
  const address = new URL(worker, import.meta.url);
  const origin = server === null ? null : new URL(server).origin;
  if (origin !== null && origin !== location.origin) address.searchParams.set("hub", origin);
  return address;
}
