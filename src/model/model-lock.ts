/**
 * One download of a model at a time, over all tabs of the app: the second waits for the first and finds the model in
 * the cache. Where the browser has no locks, each tab is on its own.
 */
import { LabError } from "../core/lab-error.ts";
import type { LoadContext } from "./load-context.ts";

const nameOf = (hub: string, id: string) => `glassroom model ${hub}${id}`;

const lockManager = (): LockManager | undefined =>
  typeof navigator === "undefined" ? undefined : (navigator as Partial<Navigator>).locks;

/** How often a waiting tab looks how far the other one is. */
const LOOK_EVERY_MS = 1000;

/**
 * @param look how much of the model is here by now, for the waiting user
 * @param work does not begin before every other tab's has ended
 */
export async function withModelLock<T>(
  hub: string,
  id: string,
  { signal, progress }: Pick<LoadContext, "signal" | "progress">,
  look: () => Promise<{ loadedBytes: number; totalBytes: number | null }>,
  work: () => Promise<T>,
): Promise<T> {
  const locks = lockManager();
  if (!locks) return work();
  const name = nameOf(hub, id);
  const held = async () => ({ result: await work() });
  const free = await locks.request(name, { ifAvailable: true }, (lock) => (lock ? held() : null));
  if (free) return free.result;
  const state = { waiting: true };
  const tell = async () => {
    const far = await look().catch(() => ({ loadedBytes: 0, totalBytes: null }));
    if (!state.waiting) return;
    progress({ phase: "waiting", file: "", ...far, bytesPerSecond: null, fromCache: false });
  };
  void tell();
  const timer = setInterval(() => void tell(), LOOK_EVERY_MS);
  const stop = () => {
    state.waiting = false;
    clearInterval(timer);
  };
  try {
    const granted = await locks.request(name, { signal }, () => {
      stop();
      return held();
    });
    return granted.result;
  } catch (e) {
    if (state.waiting && signal.aborted) throw new LabError("cancelled", "cancelled", { cause: e });
    throw e;
  } finally {
    stop();
  }
}

/** For taking a model out of the cache. @throws LabError "bad-input" while a tab fetches it */
export async function unlessLocked<T>(hub: string, id: string, work: () => Promise<T>): Promise<T> {
  const locks = lockManager();
  if (!locks) return work();
  const done = await locks.request(nameOf(hub, id), { ifAvailable: true }, async (lock) =>
    lock ? { result: await work() } : null,
  );
  if (done) return done.result;
  throw new LabError(
    "bad-input",
    `${id} is being fetched just now; cancel that first, here or in the other tab`,
  );
}
