/**
 * Starts the service worker (src/sw) and, on a host that sends no isolation headers, gets the page isolated through it.
 *
 * WebAssembly threads need a cross-origin isolated page. If the host's own headers did not make it so, the service
 * worker's will, from the next load on: the page reloads once. Whether it has just tried is remembered for the tab, so
 * it never reloads twice in a row. Where service workers are off the app runs on one thread, and says so.
 */
const TRIED = "glassroom-isolation-tried";
/** How long a first visit waits for the service worker before starting without isolation, in milliseconds. */
const PATIENCE = 5000;

function remember(tried: boolean): boolean {
  try {
    const before = sessionStorage.getItem(TRIED) !== null;
    if (tried) sessionStorage.setItem(TRIED, "1");
    else sessionStorage.removeItem(TRIED);
    return before;
  } catch {
    return true; // nothing can be remembered, so nothing is tried
  }
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

const inCharge = () =>
  new Promise<boolean>((resolve) => {
    const container = navigator.serviceWorker;
    if (container.controller) resolve(true);
    container.addEventListener("controllerchange", () => resolve(true), { once: true });
    setTimeout(() => resolve(false), PATIENCE);
  });

/**
 * To be awaited before anything large is loaded.
 * @returns true if the page is about to be reloaded, so that nothing should be started
 */
export async function isolate(): Promise<boolean> {
  if (import.meta.env.DEV || !("serviceWorker" in navigator)) return false;
  if (window.crossOriginIsolated) {
    remember(false);
    void register();
    return false;
  }
  if (remember(true) || !(await register()) || !(await inCharge())) return false;
  location.reload();
  return true;
}

/** Has the service worker keep whatever it has not kept yet. To be called when the page has all it needs itself. */
export async function keepForOffline(): Promise<void> {
  if (import.meta.env.DEV || !("serviceWorker" in navigator)) return;
  const { active } = await navigator.serviceWorker.ready;
  active?.postMessage("keep-offline");
}
