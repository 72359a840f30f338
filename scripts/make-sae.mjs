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
import { withLab } from "./headless-lab.mjs";

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

await withLab(async (page) => {
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
});

/** Runs in the page. */
async function trainAndExport(request) {
  const { lab } = window;
  const sae = await lab.sae.train(request, { onProgress: window.sayProgress });
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
