/**
 * `npm run make:sae`: trains the SAE that ships with the app, by the app's own code in a headless Chromium, and writes it
 * to public/saes/<id>/ with its dashboards and summary, and public/saes/index.json. The seed is
 * fixed; the same code on the WASM backend gives the same SAE. Takes a quarter of an hour on two cores.
 *
 *   npm run make:sae            builds the app first
 *   GLASSROOM_DIST=<folder> npm run make:sae      uses that build
 *   npm run make:sae -- --dashboards              keeps the SAE, and measures it anew: the same dashboards as after training
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
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
  await page.evaluate(installHelpers);
  const folder = join(import.meta.dirname, "..", "public", "saes", ID);
  const { files, summary } = process.argv.includes("--dashboards")
    ? await page.evaluate(measure, {
        files: ["cfg.json", "sae_weights.safetensors"].map((name) => [
          name,
          readFileSync(join(folder, name)).toString("base64"),
        ]),
        before: JSON.parse(readFileSync(join(folder, "summary.json"), "utf8")),
      })
    : await page.evaluate(trainAndExport, REQUEST);
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
  return {
    files: [...(await window.encoded(files)), await window.dashboardsOf(sae.id)],
    summary: sae.summary,
  };
}

/** Runs in the page: puts the SAE into the app's storage as one that was trained there, and measures it. */
async function measure({ files, before }) {
  const { lab } = window;
  const given = files.map(([name, base64]) => {
    const bytes = Uint8Array.from(window.atob(base64), (c) => c.charCodeAt(0));
    return new window.File([bytes], name);
  });
  const { id } = await lab.sae.summaries.import(given);
  const stored = await window.inStorage("summaries", "readonly", (store) => store.get(id));
  const { trainedTokens } = before; // by which the number of measured tokens is told
  await window.inStorage("summaries", "readwrite", (store) =>
    store.put({ ...stored, trainedTokens }, id),
  );
  await lab.sae.measure(id, { onProgress: window.sayProgress });
  return { files: [await window.dashboardsOf(id)], summary: before };
}

/** Runs in the page: what both need there. */
function installHelpers() {
  window.inStorage = async (name, mode, ask) => {
    const settled = (request) =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const database = await settled(window.indexedDB.open("glassroom-saes"));
    const result = await settled(ask(database.transaction(name, mode).objectStore(name)));
    database.close();
    return result;
  };
  window.encoded = (files) =>
    Promise.all(
      files.map(
        (file) =>
          new Promise((resolve, reject) => {
            const reader = new window.FileReader();
            reader.onload = () => resolve([file.name, reader.result.split(",")[1]]);
            reader.onerror = () => reject(reader.error);
            reader.readAsDataURL(file);
          }),
      ),
    );
  /** Statistics and examples are no part of an export: they lie in the app's own storage. */
  window.dashboardsOf = async (id) => {
    const bytes = await window.inStorage("dashboards", "readonly", (store) => store.get(id));
    return (await window.encoded([new window.File([bytes], "dashboards.safetensors")]))[0];
  };
}
