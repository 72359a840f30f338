/**
 * Browser tests, against the built app under `vite preview`, on a free port. `npm run e2e` builds into dist/ first; with
 * GLASSROOM_DIST it serves that folder as it is, which saves the build and lets several runs go on side by side:
 *
 *   npx vite build --outDir <folder> && GLASSROOM_DIST=<folder> npx playwright test test/e2e/explore.spec.ts
 */
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { defineConfig } from "@playwright/test";
import { CHROMIUM_FLAGS, findChromium, NO_CHROMIUM } from "./scripts/find-chromium.mjs";

const executablePath = findChromium();
if (!executablePath) throw new Error(NO_CHROMIUM);

/** Chosen once by the first process that reads this file; Playwright's workers inherit it. */
async function freePort(): Promise<string> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return String(port);
}
/**
 * V8 compiles a WebAssembly function anew, to be faster, after so many units of work in it: by default so soon that each page of a
 * test spends half its time on this. Here only where a test computes long. The code means the same either way.
 */
const LATE_OPTIMIZING = "--js-flags=--wasm-tiering-budget=400000000";

const port = (process.env["E2E_PORT"] ??= await freePort());
const folder = process.env["GLASSROOM_DIST"];
const outDir = folder ?? "dist";
const preview = `npx vite preview --outDir ${outDir}`;

export default defineConfig({
  testDir: "test/e2e",
  fullyParallel: false,
  workers: 2,
  forbidOnly: true,
  retries: 0,
  timeout: 120_000, // a slow machine without a GPU
  expect: { timeout: 30_000 },
  reporter: [["list"]],
  use: {
    baseURL: `http://localhost:${port}/`,
    viewport: { width: 1280, height: 720 },
    serviceWorkers: "block", // tests of the service worker allow it themselves
    trace: "off",
    launchOptions: { executablePath, args: [...CHROMIUM_FLAGS, LATE_OPTIMIZING] },
  },
  webServer: {
    command: folder ? preview : `npx vite build --outDir ${outDir} --logLevel warn && ${preview}`,
    url: `http://localhost:${port}/`,
    env: { PORT: port },
    timeout: 180_000,
    reuseExistingServer: false,
  },
});
