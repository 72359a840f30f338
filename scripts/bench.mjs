/**
 * `npm run bench`: how fast the app is on this machine, in one headless run. Prints a table and writes it, with machine
 * and date, to test/bench/results.json and results.md. `npm run bench -- --quick` takes a few repeats and leaves out what
 * is slow (GPT-2 small, software WebGPU), prints, and writes nothing.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { build, launch, open, ready, serve } from "../test/bench/browser.mjs";
import {
  lengthenTable,
  measureDashboard,
  measurePass,
  measureScroll,
  SCROLLED,
} from "../test/bench/features.mjs";
import { measureFirstCells } from "../test/bench/circuits.mjs";
import { measureForward } from "../test/bench/forward.mjs";
import { measureGpt2Small } from "../test/bench/gpt2-small.mjs";
import { measureEngine, measureHarvest, measureOnGpu, measureStep } from "../test/bench/inside.mjs";
import {
  measureGrid,
  measureHover,
  measureKeystroke,
  measureSlider,
  watchPaint,
} from "../test/bench/interaction.mjs";
import { measureOpen } from "../test/bench/open.mjs";
import { toMarkdown, write } from "../test/bench/table.mjs";
import { measureReadBack, measureTraining } from "../test/bench/train.mjs";

const quick = process.argv.includes("--quick");
const MODEL = "tinylab-gpt2-4l";
const VARIANTS = ["standard", "topk", "batchtopk", "jumprelu", "gated", "matryoshka"];
const HOOK = "blocks.1.hook_resid_post";
const folder = mkdtempSync(join(tmpdir(), "glassroom-bench-"));
const rows = [];
const stops = [];
const say = (found) => {
  rows.push(...found);
  for (const { what, value, unit } of found)
    console.log(`  ${what}: ${value.toPrecision(3)} ${unit}`);
};

/** A page of the app with its model on the bench. */
async function lab(browser, url, query = "") {
  const page = await open(browser);
  await page.addInitScript(watchPaint);
  await page.goto(url + query);
  await ready(page);
  return page;
}

async function inTheApp(browser, url) {
  const repeats = quick ? 5 : 15;
  say(await measureOpen({ browser, url, repeats: quick ? 1 : 5 }));
  const page = await lab(browser, url);
  say(
    await measureForward(page, {
      tokens: 16,
      repeats: 4 * repeats,
      label: "embedded model",
      limit: 1.15,
    }),
  );
  say(await measureKeystroke(page, { repeats }));
  say(await measureGrid(page, { repeats }));
  say(await measureHover(page, { tokens: 64 }));
  say(await measureHover(page, { tokens: 256 }));
  say(await measureSlider(page, { repeats }));
  const request = {
    hook: HOOK,
    dSae: 1536,
    variant: "standard",
    tokens: quick ? 20_000 : 200_000,
    seed: 1,
  };
  say(await measureTraining(page, { label: "WASM", request }));
  await page.context().close();
}

async function inTheFeaturesLab(browser, url) {
  const page = await open(browser);
  await page.addInitScript(watchPaint);
  await page.goto(`${url}?lab=features`);
  say(await measureDashboard(page, { repeats: quick ? 5 : 15 }));
  say(await measurePass(page, { hook: HOOK, tokens: quick ? 20_000 : 200_000 }));
  await page.context().close();
  const long = await open(browser);
  await long.addInitScript(lengthenTable, SCROLLED);
  await long.goto(`${url}?lab=features`);
  say(await measureScroll(long));
  await long.context().close();
}

async function inTheWorker(browser, url) {
  say(
    await measureHarvest({
      browser,
      url,
      question: { model: MODEL, hook: HOOK, repeats: quick ? 5 : 15 },
    }),
  );
  const tiny = { n_layer: 4, n_head: 6, n_embd: 192, n_positions: 256, vocab_size: 8192 };
  const small = { n_layer: 12, n_head: 12, n_embd: 768, n_positions: 1024, vocab_size: 50257 };
  for (const [label, size] of [
    ["engine, 4 × 192", tiny],
    ...(quick ? [] : [["engine, 12 × 768", small]]),
  ]) {
    const question = { sizes: size, tokens: 16, repeats: quick ? 5 : 11, rows: 36 };
    say(await measureEngine({ browser, url, label, question }));
  }
  if (!quick) {
    const least = { n_layer: 3, n_head: 6, n_embd: 96, n_positions: 64, vocab_size: 512 };
    const question = {
      onGpu: { sizes: small, tokens: 16 },
      inSoftware: { sizes: least, tokens: 6 },
    };
    say(await measureOnGpu({ url, question }));
  }
  const sizes = { dIn: 192, dSae: 1536, batch: 1024, k: 32, repeats: quick ? 3 : 9 };
  for (const variant of VARIANTS) {
    say(await measureStep({ browser, url, question: { backend: "wasm", variant, ...sizes } }));
  }
  if (quick) return;
  const few = { dIn: 96, dSae: 512, batch: 256, k: 16, repeats: 5 };
  for (const variant of VARIANTS) {
    say(await measureStep({ browser, url, question: { backend: "webgpu", variant, ...few } }));
  }
}

async function onSoftwareWebGpu(browser, url) {
  const page = await lab(browser, url, "?device=webgpu");
  await page.waitForTimeout(10_000); // the page still reads the prompt's features for its own use
  const request = {
    hook: HOOK,
    dSae: 384,
    variant: "standard",
    batchSize: 256,
    tokens: 2560,
    seed: 1,
  };
  say(await measureReadBack(page, { request, dIn: 192 }));
  await page.context().close();
}

try {
  console.log("Building …");
  await build(join(folder, "app"));
  await build(join(folder, "inside"), "test/bench/inside/vite.config.ts");
  const app = await serve(join(folder, "app"));
  stops.push(app.stop);
  const inside = await serve(join(folder, "inside"));
  stops.push(inside.stop);
  const browser = await launch();
  stops.push(() => browser.close());
  await inTheApp(browser, app.url);
  await inTheFeaturesLab(browser, app.url);
  say(await measureFirstCells({ browser, url: app.url }));
  await inTheWorker(browser, inside.url);
  if (!quick) {
    await onSoftwareWebGpu(browser, app.url);
    say(await measureGpt2Small({ url: app.url, repeats: 15 }));
  }
  const gpu = rows.some(({ what }) => what.startsWith("WebGPU, "))
    ? "a GPU for the rows that name it"
    : "no GPU used";
  const results = {
    machine: `${cpus()[0]?.model.trim() ?? "unknown processor"}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GB, ${gpu}; Chromium ${browser.version()}, Node ${process.version}`,
    date: new Date().toISOString().slice(0, 10),
    quick,
    rows,
  };
  console.log(`\n${toMarkdown(results)}`);
  if (!quick) write(new URL("../test/bench/", import.meta.url), results);
} finally {
  for (const stop of stops.reverse()) await stop();
  rmSync(folder, { recursive: true, force: true });
}
