/**
 * The service worker: `sw.js` in the app's folder. It makes the app cross-origin isolated on hosts that send no headers,
 * and keeps it for offline use. Requests to other sites (the Hugging Face Hub) are none of its business: it does not
 * touch them and never keeps their answers.
 *
 * A new version is fetched in the background while the old one runs, and takes over when the page is next opened or
 * reloaded in its last tab: no page ever mixes two versions.
 */
import { files } from "./build.ts";
import { onlyScript, withHeaders } from "./headers.ts";
import { openStore } from "./store.ts";

declare const self: ServiceWorkerGlobalScope;

const store = openStore(self.registration.scope, files);

/** The path of a request under the app's folder, or undefined for anything else. */
function pathOf(request: Request): string | undefined {
  const { scope } = self.registration;
  const url = new URL(request.url);
  const address = url.origin + url.pathname;
  if (request.method !== "GET" || !address.startsWith(scope)) return undefined;
  const path = address.slice(scope.length);
  return path === "" ? "index.html" : decodeURIComponent(path);
}

/** Run by the page that is shown for the moment of the change: it asks again once the new version is in charge. */
const ASK_AGAIN = `const { serviceWorker } = navigator;
serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
serviceWorker.getRegistration().then((found) => found?.waiting || location.reload());`;

/** On opening or reloading the last tab, a waiting version takes over and the page is asked for again. */
async function handOver(): Promise<Response | undefined> {
  const { waiting } = self.registration;
  if (!waiting || (await self.clients.matchAll()).length > 1) return undefined;
  waiting.postMessage("take-over");
  // The icon is none, or the browser asks for /favicon.ico.
  const page = `<!doctype html><link rel="icon" href="data:,"><script>${ASK_AGAIN}</script>`;
  const response = withHeaders(new Response(page, { headers: { "Content-Type": "text/html" } }));
  response.headers.set("Content-Security-Policy", await onlyScript(ASK_AGAIN));
  return response;
}

async function answer(event: FetchEvent, path: string): Promise<Response> {
  const { request } = event;
  const next = request.mode === "navigate" ? await handOver() : undefined;
  if (next) return next;
  const query = /^assets\/(writer-)?worker-[^/]*\.js$/.test(path)
    ? new URL(request.url).searchParams
    : undefined;
  const known = await store.get(path);
  if (known) return query?.has("hub") ? withHeaders(known, query) : known;
  const response = await fetch(request);
  if (path in files && response.ok && !request.headers.has("range")) {
    const copy = response.clone();
    event.waitUntil(store.keep(path, copy).catch(() => undefined)); // no room: it works, online only
  }
  return withHeaders(response, query);
}

self.addEventListener("install", (event) => {
  // The first version must be in charge quickly, so it keeps the files later, when the page asks it to.
  // A later one is complete before it takes over.
  if (self.registration.active) event.waitUntil(store.fill());
});

self.addEventListener("activate", (event) => {
  event.waitUntil(store.prune().then(() => self.clients.claim()));
});

self.addEventListener("message", (event) => {
  if (event.data === "take-over") event.waitUntil(self.skipWaiting());
  // Out of room or offline: what is missing is fetched when it is needed, or at the next visit.
  if (event.data === "keep-offline") event.waitUntil(store.fill().catch(() => undefined));
});

self.addEventListener("fetch", (event) => {
  const path = pathOf(event.request);
  if (path !== undefined) event.respondWith(answer(event, path));
});
