/** Composition root: the worker, the lab over it, the store over the lab, and the page over the store. */
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { createLab, EMBEDDED_MODEL, type Lab } from "./api/lab.ts";
import type { WriterWorker } from "./api/writer.ts";
import { App } from "./app.tsx";
import { isolate, keepForOffline } from "./isolation.ts";
import { createClient } from "./rpc/client.ts";
import { watchLifeline } from "./rpc/lifeline.ts";
import { createRecoveringClient, type Spawned } from "./rpc/recover.ts";
import { StoreContext } from "./state/context.ts";
import { keepSteer, restoreSteer } from "./state/steer-keep.ts";
import { createLabStore } from "./state/store.ts";
import { mirrorOf, restore, startSync, type Browser } from "./state/sync.ts";
import { workerAddress, writerAddress } from "./worker-address.ts";
import "./styles/index.css";
import { checkOnWake } from "./wake.ts";
import { applyPresenter, applyTheme } from "./ui/theme.ts";

declare global {
  interface Window {
    /** The lab for the console: the same that the page uses. */
    lab: Lab;
  }
}

function spawn(mirror: string | null): Spawned {
  const worker = new Worker(workerAddress(mirror), {
    type: "module",
    name: new URL("./", document.baseURI).href, // where the app's own files are: the worker cannot tell
  });
  let unwatch = () => {};
  return {
    port: worker,
    end: () => {
      unwatch();
      worker.terminate();
    },
    onDeath: (listener) => {
      unwatch = watchLifeline(worker, listener);
    },
  };
}

function spawnWriter(server: string | null): WriterWorker {
  const worker = new Worker(writerAddress(server), {
    type: "module",
    name: new URL("./", document.baseURI).href,
  });
  const client = createClient(worker);
  const end = () => {
    worker.terminate();
    client.die();
  };
  return { client, end };
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
  const browser: Browser = {
    location,
    history,
    storage: storage(),
    onBack: (listener) => addEventListener("popstate", listener),
    onLeave: (listener) => {
      // A reload goes back to what history holds when it begins; phones tell of the end only.
      for (const end of ["beforeunload", "pagehide"]) addEventListener(end, listener);
    },
  };
  const mirror = mirrorOf(browser);
  const client = createRecoveringClient(() => spawn(mirror));
  checkOnWake(() => client.call("lab.health", null));
  window.lab = createLab(client, spawnWriter);
  window.lab.hub = mirror;
  const store = createLabStore(window.lab);

  const link = restore(store, browser);
  restoreSteer(store, browser);
  startSync(store, browser);
  keepSteer(store, browser);

  // A worker may reach the mirror that it was started for, and none else: another one takes another page.
  store.subscribe((now, before) => {
    if (now.mirror !== before.mirror) setTimeout(() => location.reload());
  });

  const look = () => {
    applyTheme(store.getState().theme);
    applyPresenter(store.getState().presenter);
  };
  look();
  store.subscribe(look);

  createRoot(document.getElementById("root")!).render(
    <StrictMode>
      <StoreContext value={store}>
        <App />
      </StoreContext>
    </StrictMode>,
  );
  void store
    .getState()
    .loadFirst(link.model ?? EMBEDDED_MODEL, { revision: link.revision ?? undefined })
    .then(keepForOffline);
}

if (!(await isolate())) start();
