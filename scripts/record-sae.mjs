/**
 * `npm run record:sae`: trains one SAE from a fixed seed on the embedded model and corpus, by the app's own code in a
 * headless Chromium on the WASM backend, makes its report card, and writes what came of it to test/record/sae.json and
 * sae.md. The README quotes them. The same code gives the same SAE; only the times are the machine's.
 *
 *   npm run record:sae            builds the app first
 *   GLASSROOM_DIST=<folder> npm run record:sae      uses that build
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { join } from "node:path";
import { format } from "prettier";
import { withLab } from "./headless-lab.mjs";
import { recordMarkdown } from "./record-markdown.mjs";

const REQUEST = {
  name: "Run record",
  hook: "blocks.1.hook_resid_post",
  dSae: 1536, // 8 × 192
  variant: "topk",
  k: 32,
  lr: 1e-3,
  batchSize: 1024,
  tokens: 1_000_000,
  seed: 1,
};
/** Contexts of held-out text that the report card is measured on. */
const CONTEXTS = 64;
/** Points of the curves that are kept. */
const CURVE_POINTS = 20;

const record = await withLab(async (page, browser) => {
  const found = await page.evaluate(trainAndJudge, { request: REQUEST, contexts: CONTEXTS });
  return {
    ...found,
    machine: {
      ...found.machine,
      browser: `Chromium ${browser.version()}`,
      cpu: cpus()[0]?.model.trim() ?? "unknown",
      cores: availableParallelism(),
    },
  };
});
const every = Math.max(1, Math.ceil(record.curve.length / CURVE_POINTS));
const curve = record.curve.filter((_, i, all) => i % every === every - 1 || i === all.length - 1);
const kept = { ...record, curve };
const folder = join(import.meta.dirname, "..", "test", "record");
mkdirSync(folder, { recursive: true });
const written = async (name, text, parser) =>
  writeFileSync(join(folder, name), await format(text, { parser, printWidth: 100 }));
await written("sae.json", JSON.stringify(kept), "json");
await written("sae.md", recordMarkdown(kept), "markdown");
console.log(recordMarkdown(kept));

/** Runs in the page. */
async function trainAndJudge({ request, contexts }) {
  const { lab } = window;
  const curve = [];
  const start = performance.now();
  const sae = await lab.sae.train(request, {
    onProgress: (progress) => {
      window.sayProgress(progress);
      for (const {
        tokens,
        explainedVariance,
        l0,
        deadShare,
        reconstructionLoss,
      } of progress.points) {
        curve.push({ tokens, explainedVariance, l0, deadShare, reconstructionLoss });
      }
    },
  });
  const trained = performance.now();
  const {
    createdAt,
    contexts: read,
    reconstruction,
    loss,
  } = await lab.sae.report(sae.id, {
    contexts,
  });
  return {
    date: createdAt.slice(0, 10),
    model: lab.model.info.id,
    request,
    trainedTokens: sae.summary.trainedTokens,
    metrics: sae.metrics,
    report: { contexts: read, reconstruction, loss },
    curve,
    seconds: {
      training: Math.round((trained - start) / 1000),
      report: Math.round((performance.now() - trained) / 1000),
    },
    machine: { device: lab.model.device, threads: lab.model.info.threads },
  };
}
