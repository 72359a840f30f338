/** Serves built folders and opens pages on them, for the bench. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { chromium } from "@playwright/test";
import { CHROMIUM_FLAGS, findChromium, NO_CHROMIUM } from "../../scripts/find-chromium.mjs";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

export function vite(args, env = {}) {
  return spawn("npx", ["--no-install", "vite", ...args], {
    cwd: ROOT,
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, ...env },
    detached: true,
  });
}

export async function build(outDir, config) {
  const args = ["build", "--outDir", outDir, "--emptyOutDir", "--logLevel", "warn"];
  const [code] = await once(vite(config ? [...args, "--config", config] : args), "close");
  if (code !== 0) throw new Error("the build failed");
}

/** Serves a built folder with the app's headers. */
export async function serve(outDir) {
  const port = String(await freePort());
  const server = vite(["preview", "--outDir", outDir], { PORT: port });
  const url = `http://localhost:${port}/`;
  for (let tries = 0; ; tries++) {
    if (
      await fetch(url).then(
        (r) => r.ok,
        () => false,
      )
    )
      break;
    if (tries > 100) throw new Error("the preview server did not start");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return { url, stop: () => process.kill(-server.pid) };
}

export async function launch(flags = []) {
  const executablePath = findChromium();
  if (!executablePath) throw new Error(NO_CHROMIUM);
  return chromium.launch({ executablePath, args: [...CHROMIUM_FLAGS, ...flags] });
}

/** What lets a headless Chromium at a GPU, where there is one. */
const GPU_FLAGS = ["--ignore-gpu-blocklist", "--enable-features=Vulkan", "--use-angle=vulkan"];

/** A browser with this machine's GPU; without one, the usual browser, whose WebGPU is software. */
export async function launchWithGpu(url) {
  const args = CHROMIUM_FLAGS.filter((flag) => !flag.startsWith("--use-webgpu-adapter"));
  const executablePath = findChromium();
  if (!executablePath) throw new Error(NO_CHROMIUM);
  const own = await chromium.launch({ executablePath, args: [...args, ...GPU_FLAGS] });
  const page = await own.newPage();
  await page.goto(url);
  const isReal = await page.evaluate(async () => {
    const adapter = await navigator.gpu?.requestAdapter({ powerPreference: "high-performance" });
    const { isFallbackAdapter, vendor, architecture, description } = adapter?.info ?? {};
    const name = [vendor, architecture, description].join(" ");
    return Boolean(adapter) && !isFallbackAdapter && !/swiftshader|llvmpipe|lavapipe/i.test(name);
  });
  await page.close();
  if (isReal) return { browser: own, stop: () => own.close() };
  await own.close();
  const browser = await launch();
  return { browser, stop: () => browser.close() };
}

/** A fresh profile with one page. What goes wrong on it ends the bench. */
export async function open(browser, options = {}) {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 720 },
    serviceWorkers: "block",
    ...options,
  });
  const page = await context.newPage();
  page.on("pageerror", (error) => console.error(`page error: ${error.message}`));
  return page;
}

/** Waits until a model is on the bench and the first attention patterns are drawn. */
export async function ready(page) {
  await page.waitForFunction(() => Boolean(window.lab?.model), null, { timeout: 120_000 });
  await page
    .getByRole("img", { name: /attention/i })
    .first()
    .waitFor({ timeout: 60_000 });
}
