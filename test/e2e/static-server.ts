/**
 * A host of static files as plain as they come: no headers but the type, everything under one sub-path. Stands for
 * GitHub Pages and its like. It can be stopped (offline), and its files can be replaced (a new version).
 */
import { once } from "node:events";
import { existsSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";

const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".css": "text/css",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
  ".txt": "text/plain; charset=utf-8",
};

export interface StaticServer {
  /** Address of the app's folder, with the slash. */
  url: string;
  /** Paths asked for since the start, in order. */
  requests: string[];
  /** From now on, serve this instead of the file. */
  replace(path: string, content: string | Buffer): void;
  /** The files as they are served now. */
  read(path: string): Buffer;
  stop(): Promise<void>;
}

export async function serveFolder(folder: string, prefix: string): Promise<StaticServer> {
  const replaced = new Map<string, Buffer>();
  const requests: string[] = [];
  const read = (path: string) => replaced.get(path) ?? readFileSync(join(folder, path));
  const exists = (path: string) => {
    const file = join(folder, normalize(path));
    return replaced.has(path) || (existsSync(file) && statSync(file).isFile());
  };
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    requests.push(pathname);
    const path = decodeURIComponent(pathname.slice(prefix.length)) || "index.html";
    if (!pathname.startsWith(prefix) || path.includes("..") || !exists(path)) {
      response.writeHead(404, { "Content-Type": "text/plain" }).end("not here");
      return;
    }
    const type = TYPES[extname(path)] ?? "application/octet-stream";
    response.writeHead(200, { "Content-Type": type }).end(read(path));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://localhost:${String(port)}${prefix}`,
    requests,
    read,
    replace: (path, content) => void replaced.set(path, Buffer.from(content)),
    stop: async () => {
      if (!server.listening) return;
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
