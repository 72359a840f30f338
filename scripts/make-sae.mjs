/**
 * `npm run make:sae`: trains the SAE that ships with the app, by the app's own code in a headless Chromium, and writes it
 * to public/saes/<id>/ with its dashboards and summary, and public/saes/index.json. The seed is
 * fixed; the same code on the WASM backend gives the same SAE. Takes a quarter of an hour on two cores.
 *
 *   npm run make:sae            builds the app first
 *   GLASSROOM_DIST=<folder> npm run make:sae      uses that build
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "@playwright/test";
import { build, preview } from "vite";
import { CHROMIUM_FLAGS, findChromium, NO_CHROMIUM } from "./find-chromium.mjs";

const ID = "tinylab-gpt2-4l-resid-1";
const REQUEST = {
  name: "Starter dictionary",
  hook: "blocks.1.hook_resid_post",
  dSae: 1536,
  variant: "topk",
  k: 16,
  lr: 1e-3,
  batchSize: 1024,
  tokens: 2_000_000,
  seed: 1,
};

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
  page.on("console", (message) => console.log(message.text()));
  await page.goto(`${server.resolvedUrls.local[0]}?device=wasm`);
  await page.waitForFunction(() => window.lab?.model, null, { timeout: 120_000 });
  const { files, summary } = await page.evaluate(trainAndExport, REQUEST);
  const folder = join(import.meta.dirname, "..", "public", "saes", ID);
  mkdirSync(folder, { recursive: true });
  for (const [name, base64] of files) {
    writeFileSync(join(folder, name), Buffer.from(base64, "base64"));
  }
  const shipped = { ...summary, id: ID, origin: "shipped" };
  writeFileSync(join(folder, "summary.json"), JSON.stringify(shipped, null, 2) + "\n");
  writeFileSync(join(folder, "..", "index.json"), JSON.stringify([ID]) + "\n");
  console.log(`${ID}:`, JSON.stringify(shipped.metrics));
} finally {
  await browser.close();
  await server.close();
}

/** Runs in the page. */
async function trainAndExport(request) {
  const { lab } = window;
  let said = 0;
  const onProgress = ({ status, step, points, secondsLeft, dashboardShare }) => {
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
  const sae = await lab.sae.train(request, { onProgress });
  const files = await sae.export();
  // Statistics and examples are no part of an export: they lie in the app's own storage.
  const database = await new Promise((resolve, reject) => {
    const opening = window.indexedDB.open("glassroom-saes");
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
  const dashboards = await new Promise((resolve, reject) => {
    const reading = database.transaction("dashboards").objectStore("dashboards").get(sae.id);
    reading.onsuccess = () => resolve(reading.result);
    reading.onerror = () => reject(reading.error);
  });
  files.push(new window.File([dashboards], "dashboards.safetensors"));
  const base64 = (file) =>
    new Promise((resolve, reject) => {
      const reader = new window.FileReader();
      reader.onload = () => resolve(reader.result.split(",")[1]);
      reader.onerror = () => reject(reader.error);
      reader.readAsDataURL(file);
    });
  const encoded = await Promise.all(files.map(async (file) => [file.name, await base64(file)]));
  return { files: encoded, summary: sae.summary };
}
