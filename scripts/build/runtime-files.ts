/**
 * Serves the WebAssembly runtimes from the app itself, in development and in the build: `ort/` for ONNX Runtime, `tfjs/`
 * for TensorFlow.js. Their own way of finding these files (a CDN, or an address beside the bundle) is not used.
 *
 * ONNX Runtime: with the export condition `onnxruntime-web-use-extern-wasm` the library's code holds neither the glue
 * module nor an address of the binary, so the bundler makes no second copy of 26 MB, and its threads start from the
 * small glue module instead of from the whole bundle. `onnxruntime-web/webgpu` loads the "asyncify" pair for both
 * execution providers.
 *
 * TensorFlow.js: its threaded backend starts each thread from a Blob made with `factory.toString()`. Minification
 * renames what that text refers to, and the Blob would need `blob:` in the policy's script-src. The transform below
 * points it at two plain files next to the binary instead: call `setWasmPaths("<app>/tfjs/")`, nothing else is needed.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import type { Plugin } from "vite";

const require = createRequire(import.meta.url);
const ORT = dirname(require.resolve("onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs"));
const TFJS = join(
  dirname(require.resolve("@tensorflow/tfjs-backend-wasm/package.json")),
  "wasm-out",
);
const THREADED = "tfjs-backend-wasm-threaded-simd";

type Source = () => Uint8Array | string;
const file =
  (folder: string, name: string): Source =>
  () =>
    readFileSync(join(folder, name));

/** The thread's script lies in the package as a string inside a CommonJS module. */
function threadScript(): string {
  const { wasmWorkerContents } = require(join(TFJS, `${THREADED}.worker.js`)) as {
    wasmWorkerContents: string;
  };
  return wasmWorkerContents.replace(/\n/g, "\\n");
}

/** Served path → content. */
export const RUNTIME_FILES: ReadonlyMap<string, Source> = new Map<string, Source>([
  ...["mjs", "wasm"]
    .map((ending) => `ort-wasm-simd-threaded.asyncify.${ending}`)
    .map((name): [string, Source] => [`ort/${name}`, file(ORT, name)]),
  ...[
    "tfjs-backend-wasm.wasm",
    "tfjs-backend-wasm-simd.wasm",
    `${THREADED}.wasm`,
    `${THREADED}.js`,
  ].map((name): [string, Source] => [`tfjs/${name}`, file(TFJS, name)]),
  [`tfjs/${THREADED}.worker.js`, threadScript],
]);

const typeOf = (path: string) => (path.endsWith(".wasm") ? "application/wasm" : "text/javascript");

export function runtimeFiles(): Plugin {
  return {
    name: "glassroom:runtime-files",
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const path = (request.url ?? "").split("?", 1)[0]!.replace(/^\//, "");
        const source = RUNTIME_FILES.get(path);
        if (!source) {
          next();
          return;
        }
        response.setHeader("Content-Type", typeOf(path));
        for (const [name, value] of Object.entries(server.config.server.headers)) {
          if (value !== undefined) response.setHeader(name, value);
        }
        response.end(source());
      });
    },
    generateBundle() {
      for (const [fileName, source] of RUNTIME_FILES) {
        this.emitFile({ type: "asset", fileName, source: source() });
      }
    },
  };
}

/** Each edit must match exactly once: a new version of the package fails the build instead of the user. */
const TFJS_EDITS: Record<string, readonly [RegExp, string][]> = {
  "backend_wasm.js": [
    [/if \(path\.endsWith\('\.worker\.js'\)\) \{/, "if (false) {"],
    [/return prefix \+ path;/, "return (wasmPathPrefix ?? prefix) + path;"],
    [
      /factoryConfig\.mainScriptUrlOrBlob = new Blob\([^;]*\.toString\(\)\][^;]*;/,
      `factoryConfig.mainScriptUrlOrBlob = wasmPathPrefix + "${THREADED}.js";`,
    ],
  ],
  // The backend takes at most half of the cores, whatever setThreadsCount() says: it counts two threads to a core.
  // On two cores that is one thread; with both, matrix products were 1.5 times as fast.
  [`${THREADED}.js`]: [
    [/return navigator\["hardwareConcurrency"\]/, 'return 2 * navigator["hardwareConcurrency"]'],
  ],
};

/** For the bundle of the page, of the worker, and of the dependencies in development. */
export function tfjsThreads(): Plugin {
  return {
    name: "glassroom:tfjs-threads",
    transform: {
      filter: {
        id: /tfjs-backend-wasm\/(dist\/backend_wasm|wasm-out\/tfjs-backend-wasm-threaded-simd)\.js/,
      },
      handler(code, id) {
        for (const [pattern, replacement] of TFJS_EDITS[basename(id.split("?", 1)[0]!)] ?? []) {
          if (code.split(pattern).length !== 2) {
            this.error(`tfjs-backend-wasm has changed: ${String(pattern)} is not there once`);
          }
          code = code.replace(pattern, () => replacement);
        }
        return { code, map: null };
      },
    },
  };
}
