/** The service worker's store, over a cache in memory and a server made of a few strings. */
import { createHash } from "node:crypto";
import { beforeEach, describe, expect, it, vi } from "vitest";

const SCOPE = "https://lab.test/some/where/";
const HEADERS = { "Cross-Origin-Embedder-Policy": "require-corp" };
vi.stubGlobal("BUILD", { files: {}, headers: HEADERS });
const { openStore } = await import("../../src/sw/store.ts");
const { onlyScript, withHeaders } = await import("../../src/sw/headers.ts");

const hash = (text: string) => createHash("sha256").update(text).digest("hex");
const listing = (files: Record<string, string>) =>
  Object.fromEntries(Object.entries(files).map(([path, text]) => [path, hash(text)]));

/** What of the Cache API the store uses. */
const kept = new Map<string, Response>();
const cache = {
  match: async (key: string) => kept.get(key)?.clone(),
  put: async (key: string, response: Response) => void kept.set(key, response),
  keys: async () => [...kept.keys()].map((url) => ({ url })),
  delete: async ({ url }: { url: string }) => kept.delete(url),
};
let served: Record<string, string> = {};
const asked: string[] = [];

beforeEach(() => {
  kept.clear();
  asked.length = 0;
  vi.stubGlobal("caches", { open: async () => cache });
  vi.stubGlobal("fetch", async (url: URL) => {
    const path = url.href.slice(SCOPE.length);
    asked.push(path);
    const text = served[path];
    return text === undefined ? new Response("", { status: 404 }) : new Response(text);
  });
});

describe("filling the store", () => {
  it("keeps every file, with the headers of an isolated page", async () => {
    served = { "index.html": "page", "assets/a.js": "script" };
    const store = openStore(SCOPE, listing(served));
    await store.fill();
    const response = await store.get("assets/a.js");
    expect(await response!.text()).toBe("script");
    expect(response!.headers.get("Cross-Origin-Embedder-Policy")).toBe("require-corp");
    expect(response!.headers.get("content-length")).toBe("6");
    expect(await store.get("other.js")).toBeUndefined();
  });
  it("fetches for a new version only what has changed, and then lets go of the old", async () => {
    served = { "index.html": "page", "model.bin": "weights" };
    const old = openStore(SCOPE, listing(served));
    await old.fill();
    served = { ...served, "index.html": "new page" };
    const next = openStore(SCOPE, listing(served));
    asked.length = 0;
    await next.fill();
    expect(asked).toEqual(["index.html"]);
    expect(await (await old.get("index.html"))!.text()).toBe("page"); // it is still running
    await next.prune();
    expect(kept.size).toBe(2);
    expect(await old.get("index.html")).toBeUndefined();
    expect(await (await next.get("model.bin"))!.text()).toBe("weights");
  });
  it("keeps nothing that is not the file of its version", async () => {
    const store = openStore(SCOPE, listing({ "index.html": "page", "gone.js": "script" }));
    served = { "index.html": "another page" };
    await store.fill();
    expect(kept.size).toBe(0);
  });
  it("keeps no partial answer", async () => {
    const store = openStore(SCOPE, listing({ "model.bin": "weights" }));
    await store.keep("model.bin", new Response("weights", { status: 206 }));
    await store.keep("unknown.bin", new Response("weights"));
    expect(kept.size).toBe(0);
  });
});

describe("headers", () => {
  it("are added whatever the host sent, status and body staying", async () => {
    const given = new Response("none", { status: 404, headers: { "X-Host": "a" } });
    const response = withHeaders(given);
    expect(response.status).toBe(404);
    expect(await response.text()).toBe("none");
    expect(response.headers.get("X-Host")).toBe("a");
    expect(response.headers.get("Cross-Origin-Embedder-Policy")).toBe("require-corp");
  });
  it("are not put on what has no readable head", () => {
    const error = Response.error();
    expect(withHeaders(error)).toBe(error);
  });
});

it.each(["location.reload();", "const ö = '×';\n"])(
  "a policy lets %j be run, and no other",
  async (script) => {
    const hash = createHash("sha256").update(script, "utf8").digest("base64");
    const policy = await onlyScript(script);
    expect(policy.split("; ")).toEqual([
      "default-src 'none'",
      "img-src data:",
      `script-src 'sha256-${hash}'`,
    ]);
  },
);
