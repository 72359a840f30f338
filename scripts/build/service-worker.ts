/**
 * Builds src/sw/sw.ts into `sw.js`, beside index.html and under a name that never changes, when everything else has
 * been written: it carries the list of all files with the hashes of their contents.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "vite";
import { SECURITY_HEADERS } from "./headers.ts";

const source = fileURLToPath(new URL("../../src/sw/sw.ts", import.meta.url));

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .sort();
}

const hashOf = (path: string) => createHash("sha256").update(readFileSync(path)).digest("hex");

export function serviceWorker(): Plugin {
  let folder = "";
  return {
    name: "glassroom:service-worker",
    apply: "build",
    configResolved({ root, build: { outDir } }) {
      folder = resolve(root, outDir);
    },
    writeBundle: {
      order: "post",
      sequential: true,
      async handler() {
        const files = Object.fromEntries(
          filesUnder(folder)
            .filter((path) => path !== "sw.js")
            .map((path) => [path, hashOf(join(folder, path))]),
        );
        const built = await build({
          configFile: false,
          logLevel: "warn",
          publicDir: false,
          define: { BUILD: JSON.stringify({ files, headers: SECURITY_HEADERS }) },
          build: {
            target: "es2023",
            write: false,
            modulePreload: false,
            lib: { entry: source, formats: ["iife"], name: "sw", fileName: () => "sw.js" },
          },
        });
        const outputs = (Array.isArray(built) ? built : [built]).flatMap((result) =>
          "output" in result ? result.output : [],
        );
        const script = outputs.find((output) => output.type === "chunk");
        if (!script) this.error("the service worker was not built");
        writeFileSync(join(folder, "sw.js"), script.code);
      },
    },
  };
}
