/**
 * The app's files in the browser's cache, so that it runs offline. A file is kept under its path and the hash of its
 * content, so a new version fetches only what has changed, and never disturbs the version that is still running.
 * What a server answers is kept only if its hash is the expected one: a half-deployed update cannot be mixed in.
 */
import { withHeaders } from "./headers.ts";

const CACHE = "glassroom-app";

const keyOf = (scope: string, path: string, hash: string) => new URL(`${path}?${hash}`, scope).href;

async function sha256(bytes: ArrayBuffer): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export interface Store {
  /** The kept response for a path of this version, if there is one. */
  get(path: string): Promise<Response | undefined>;
  /** Keeps a response if it is the file that belongs to this version. Reads its body. */
  keep(path: string, response: Response): Promise<void>;
  /** Fetches and keeps whatever of this version is missing, one file after the other. */
  fill(): Promise<void>;
  /** Deletes whatever does not belong to this version. */
  prune(): Promise<void>;
}

export function openStore(scope: string, files: Readonly<Record<string, string>>): Store {
  const cache = () => caches.open(CACHE);
  const keyFor = (path: string) => {
    const hash = files[path];
    return hash === undefined ? undefined : keyOf(scope, path, hash);
  };

  async function keep(path: string, response: Response): Promise<void> {
    const key = keyFor(path);
    if (key === undefined || response.status !== 200) return;
    const bytes = await response.arrayBuffer();
    if ((await sha256(bytes)) !== files[path]) return;
    const headers = new Headers(response.headers);
    headers.delete("content-encoding"); // the bytes are decoded by now
    headers.set("content-length", String(bytes.byteLength));
    await (await cache()).put(key, withHeaders(new Response(bytes, { headers })));
  }

  async function fill(): Promise<void> {
    const kept = new Set((await (await cache()).keys()).map((request) => request.url));
    for (const path of Object.keys(files)) {
      if (kept.has(keyFor(path)!)) continue;
      // "no-cache": the browser's own cache may answer, but only after asking the server whether it is still right.
      await keep(path, await fetch(new URL(path, scope), { cache: "no-cache" }));
    }
  }

  async function prune(): Promise<void> {
    const current = new Set(Object.keys(files).map(keyFor));
    const store = await cache();
    for (const request of await store.keys()) {
      if (!current.has(request.url)) await store.delete(request);
    }
  }

  return {
    get: async (path) => {
      const key = keyFor(path);
      return key === undefined ? undefined : (await cache()).match(key);
    },
    keep,
    fill,
    prune,
  };
}
