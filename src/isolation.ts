/**
 * Starts the service worker (src/sw) and, on a host that sends no isolation headers, gets the page isolated through it.
 *
 * WebAssembly threads need a cross-origin isolated page. If the host's own headers did not make it so, the service
 * worker's will, from the next load on: the page reloads once. It marks that it did so,
 * and never reloads twice in a row. Where service workers are off the app runs on one thread, and says so.
 */
/** How long a first visit waits for the service worker before starting without isolation, in milliseconds. */
const PATIENCE = 5000;

interface HistoryState {
  isolationTried?: boolean;
}

/**
 * Marks this entry of the tab's history as one that was reloaded, or removes the mark, and tells whether it was marked.
 * In the history, because it lasts over exactly one reload here: session storage was seen to bring a removed mark back
 * when the isolated and the ordinary page ran in two processes.
 */
function markTried(tried: boolean): boolean {
  const { isolationTried: before = false, ...others } = (history.state ?? {}) as HistoryState;
  const state = tried ? { ...others, isolationTried: true } : others;
  if (before !== tried) history.replaceState(Object.keys(state).length > 0 ? state : null, "");
  return before;
}

async function register(): Promise<boolean> {
  try {
    await navigator.serviceWorker.register(new URL("sw.js", document.baseURI), {
      updateViaCache: "none",
    });
    return true;
  } catch {
    return false; // blocked by the browser's settings, or no secure address: the app works without
  }
}

/** From the moment a service worker is active, the next load of the page goes through it. */
const active = () =>
  Promise.race([
    navigator.serviceWorker.ready.then(() => true),
    new Promise<boolean>((resolve) => setTimeout(() => resolve(false), PATIENCE)),
  ]);

/**
 * To be awaited before anything large is loaded.
 * @returns true if the page is about to be reloaded, so that nothing should be started
 */
export async function isolate(): Promise<boolean> {
  if (import.meta.env.DEV || !("serviceWorker" in navigator)) return false;
  if (window.crossOriginIsolated) {
    markTried(false);
    void register();
    return false;
  }
  if (markTried(true) || !(await register()) || !(await active())) return false;
  location.reload();
  return true;
}

/** Has the service worker keep whatever it has not kept yet. To be called when the page has all it needs itself. */
export async function keepForOffline(): Promise<void> {
  if (import.meta.env.DEV || !("serviceWorker" in navigator)) return;
  const { active } = await navigator.serviceWorker.ready;
  active?.postMessage("keep-offline");
}
