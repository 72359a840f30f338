/** The built app in a headless Chromium, with its model on the bench, for scripts that let it work. */
import { chromium } from "@playwright/test";
import { build, preview } from "vite";
import { CHROMIUM_FLAGS, findChromium, NO_CHROMIUM } from "./find-chromium.mjs";

/**
 * Builds the app, or takes the build in the folder GLASSROOM_DIST, and opens it on the WASM backend.
 * @param work is given the page, in which `window.lab` is ready
 */
export async function withLab(work) {
  const executablePath = findChromium();
  if (!executablePath) throw new Error(NO_CHROMIUM);
  const outDir = process.env.GLASSROOM_DIST ?? "dist";
  if (!process.env.GLASSROOM_DIST) await build({ build: { outDir }, logLevel: "warn" });
  const server = await preview({
    build: { outDir },
    preview: { port: Number(process.env.PORT ?? 4174), strictPort: false },
  });
  const browser = await chromium.launch({ executablePath, args: CHROMIUM_FLAGS });
  try {
    const page = await browser.newPage({ serviceWorkers: "block" });
    await page.addInitScript(defineSayProgress);
    page.on("console", (message) => console.log(message.text()));
    await page.goto(`${server.resolvedUrls.local[0]}?device=wasm`);
    await page.waitForFunction(() => window.lab?.model, null, { timeout: 120_000 });
    return await work(page, browser);
  } finally {
    await browser.close();
    await server.close();
  }
}

/** Runs in the page before its own scripts. `sayProgress(progress)` says every ten seconds where a training run stands. */
function defineSayProgress() {
  let said = 0;
  window.sayProgress = ({ status, step, points, secondsLeft, dashboardShare }) => {
    if (performance.now() - said < 10_000) return;
    said = performance.now();
    const point = points.at(-1);
    const rest = secondsLeft === null ? "" : `, ${Math.round(secondsLeft)} s left`;
    const numbers = point
      ? `, EV ${point.explainedVariance.toFixed(3)}, L0 ${point.l0.toFixed(1)}, dead ${point.deadShare.toFixed(3)}`
      : "";
    console.log(
      `${status} ${status === "dashboards" ? dashboardShare.toFixed(2) : step}${numbers}${rest}`,
    );
  };
}
