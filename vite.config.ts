/** Build, development server and preview server. What each plugin is for is said at its top, in scripts/build/. */
import { readFileSync } from "node:fs";
import react from "@vitejs/plugin-react";
import { defaultClientConditions, defineConfig } from "vite";
import { SECURITY_HEADERS, ISOLATION_HEADERS } from "./scripts/build/headers.ts";
import { mirror } from "./scripts/build/mirror.ts";
import { policy } from "./scripts/build/policy.ts";
import { runtimeFiles, tfjsThreads } from "./scripts/build/runtime-files.ts";
import { startChunk } from "./scripts/build/start-chunk.ts";
import { serviceWorker } from "./scripts/build/service-worker.ts";

const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
const port = Number(process.env["PORT"] ?? 4173);

export default defineConfig({
  define: { APP_VERSION: JSON.stringify(version) },
  base: "./", // the built app works under any path
  plugins: [
    react(),
    runtimeFiles(),
    tfjsThreads(),
    startChunk(),
    policy(),
    mirror(),
    serviceWorker(),
  ],
  resolve: {
    conditions: [...defaultClientConditions, "onnxruntime-web-use-extern-wasm"],
    dedupe: ["onnxruntime-web", "onnxruntime-common", "@tensorflow/tfjs-core"],
  },
  worker: {
    format: "es",
    plugins: () => [tfjsThreads()],
  },
  build: {
    target: "es2023",
    reportCompressedSize: false,
    rolldownOptions: { checks: { bundlerTimings: false } },
    chunkSizeWarningLimit: 2000, // the worker's libraries; the page's own script is held to 300 kB by a test
  },
  optimizeDeps: {
    exclude: ["onnxruntime-web"], // finds its own files by address
    rolldownOptions: { plugins: [tfjsThreads()] },
  },
  server: { port, strictPort: true, headers: ISOLATION_HEADERS },
  preview: { port, strictPort: true, headers: SECURITY_HEADERS },
});
