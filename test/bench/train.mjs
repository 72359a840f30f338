/** A real training run in the app: tokens a second, how long it holds up the page, and what it reads back from a GPU. */
import { median, row } from "./table.mjs";

/** Runs in the page: one run through `window.lab`, with the page's long tasks noted meanwhile. */
const run = async (request) => {
  const tasks = [];
  const observer = new PerformanceObserver((list) =>
    tasks.push(...list.getEntries().map(({ duration }) => duration)),
  );
  observer.observe({ type: "longtask" });
  const rates = [];
  const start = performance.now();
  let step = 0;
  const sae = await window.lab.sae.train(request, {
    onProgress: (progress) => {
      step = Math.max(step, progress.step);
      rates.push(...progress.points.map(({ tokensPerSecond }) => tokensPerSecond));
    },
  });
  const seconds = (performance.now() - start) / 1000;
  await new Promise((resolve) => setTimeout(resolve, 200));
  observer.disconnect();
  const { id, metrics } = sae;
  await window.lab.sae.delete(id);
  return { rates, step, seconds, metrics, longest: Math.max(0, ...tasks) };
};

/** Runs in the worker: counts the bytes that are mapped for reading. */
const countReadBack = () => {
  globalThis.readBack = 0;
  if (!("GPUBuffer" in globalThis)) return;
  const map = GPUBuffer.prototype.mapAsync;
  GPUBuffer.prototype.mapAsync = function (mode, offset = 0, size = this.size - offset) {
    if (mode & GPUMapMode.READ) globalThis.readBack += size;
    return map.call(this, mode, offset, size);
  };
};

export async function measureTraining(page, { request, label }) {
  const { rates, seconds, step, longest, metrics } = await page.evaluate(run, request);
  return [
    row(`${label}: training, harvest included`, median(rates), "tokens/s", {
      note: `${request.variant}, ${request.dSae} features, ${request.tokens} tokens, ${step} steps; ${seconds.toFixed(0)} s with dashboards and saving`,
    }),
    row(`${label}: longest task on the page's thread`, longest, "ms", {
      limit: 50,
      note: "PerformanceObserver “longtask”, which tells of those above 50 ms; 0: none",
    }),
    row(`${label}: explained variance reached`, metrics?.explainedVariance ?? 0, "", {
      note: "a run this short is no measure of quality",
    }),
  ];
}

/** With a GPU (here: in software, at a tiny size): bytes read back between the first and the last step. */
export async function measureReadBack(page, { request }) {
  const worker = page.workers().find((w) => /worker-/.test(w.url()));
  if (!worker) throw new Error("the lab's worker was not found");
  await worker.evaluate(countReadBack);
  const seen = await page.evaluate(async (asked) => {
    const steps = [];
    const sae = await window.lab.sae.train(asked, {
      onProgress: ({ status, step }) => steps.push({ status, step, at: performance.now() }),
    });
    await window.lab.sae.delete(sae.id);
    return steps;
  }, request);
  const bytes = await worker.evaluate(() => globalThis.readBack);
  const last = Math.max(1, ...seen.map(({ step }) => step));
  return { bytes, steps: last };
}
