/**
 * How the page hears that its worker died, whatever killed it: a worker that runs out of memory, or is ended by the browser,
 * says nothing. It holds a Web Lock for as long as it lives; the page waits for that lock, and gets it when the worker is
 * gone. Unlike a ping it cannot take a worker that is busy for a dead one. Without Web Locks (a page that was not served
 * securely) only the worker's own error events are left.
 */
import type { Port } from "./contract.ts";
import { newId } from "../core/new-id.ts";

type Locks = Pick<LockManager, "request">;
const available = (): Locks | undefined => (navigator as Partial<Navigator>).locks;

/** For the worker: once, when it starts. */
export function holdLifeline(port: Pick<Port, "postMessage">, locks = available()): void {
  if (!locks) return;
  const lock = `glassroom-worker-${newId()}`;
  void locks.request(lock, () => {
    port.postMessage({ kind: "alive", lock });
    return new Promise(() => {}); // for ever
  });
}

/**
 * For the page.
 * @param onDeath called once, unless the watch has been stopped before
 * @returns stops the watch
 */
export function watchLifeline(
  port: Pick<Port, "addEventListener">,
  onDeath: () => void,
  locks = available(),
): () => void {
  const stop = new AbortController();
  port.addEventListener("message", ({ data }: MessageEvent<{ kind: string; lock?: string }>) => {
    if (data.kind !== "alive" || data.lock === undefined || !locks) return;
    locks
      .request(data.lock, { signal: stop.signal }, () => {
        if (!stop.signal.aborted) onDeath();
      })
      .catch(() => {}); // stopped
  });
  return () => stop.abort();
}
