/** Composition root: the worker, the lab over it, the store over the lab, and the page over the store. */
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { createLab, EMBEDDED_MODEL, type Lab } from "./api/lab.ts";
import { App } from "./app.tsx";
import { isolate, keepForOffline } from "./isolation.ts";
import { createRespawningClient } from "./rpc/respawn.ts";
import { StoreContext } from "./state/context.ts";
import { createLabStore } from "./state/store.ts";
import { restore, startSync, type Browser } from "./state/sync.ts";
import "./styles/index.css";
import { applyPresenter, applyTheme } from "./ui/theme.ts";

declare global {
  interface Window {
    /** The lab for the console: the same that the page uses. */
    lab: Lab;
  }
}

function spawn() {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), {
    type: "module",
    name: new URL("./", document.baseURI).href, // where the app's own files are: the worker cannot tell
  });
  return { port: worker, end: () => worker.terminate() };
}

/** Storage may be forbidden, and then even its name throws. */
function storage(): Storage | null {
  try {
    return localStorage;
  } catch {
    return null;
  }
}

function start(): void {
  const { client, respawn } = createRespawningClient(spawn, (error) =>
    store.getState().setCrashed(error),
  );
  window.lab = createLab(client);
  const store = createLabStore(window.lab);

  const browser: Browser = {
    location,
    history,
    storage: storage(),
    onBack: (listener) => addEventListener("popstate", listener),
    onLeave: (listener) => addEventListener("pagehide", listener),
  };
  const link = restore(store, browser);
  startSync(store, browser);

  const look = () => {
    applyTheme(store.getState().theme);
    applyPresenter(store.getState().presenter);
  };
  look();
  store.subscribe(look);

  const restart = () => {
    respawn();
    store.getState().setCrashed(null);
    void store.getState().reloadModel();
  };
  createRoot(document.getElementById("root")!).render(
    <StrictMode>
      <StoreContext value={store}>
        <App onRestart={restart} />
      </StoreContext>
    </StrictMode>,
  );
  void store
    .getState()
    .loadModel(link.model ?? EMBEDDED_MODEL, { revision: link.revision ?? undefined })
    .then(keepForOffline);
}

if (!(await isolate())) start();
