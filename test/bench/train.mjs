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

/** Runs in the worker: notes the size of everything that is mapped for reading, and when. */
const noteReadBack = () => {
  globalThis.readBack = [];
  const map = GPUBuffer.prototype.mapAsync;
  GPUBuffer.prototype.mapAsync = function (mode, offset = 0, size = this.size - offset) {
    if (mode & GPUMapMode.READ)
      globalThis.readBack.push({ size, time: performance.timeOrigin + performance.now() });
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

/** Runs in the page: trains, and gives up after the last step. @returns steps made, and when the last was told of */
const steps = async (request) => {
  const abort = new AbortController();
  let [step, end] = [0, 0];
  const onProgress = (progress) => {
    if (progress.step > step) {
      step = progress.step;
      end = performance.timeOrigin + performance.now();
    }
    if (progress.status !== "preparing" && progress.tokens >= request.tokens) abort.abort();
  };
  await window.lab.sae.train(request, { onProgress, signal: abort.signal }).catch((error) => {
    if (error.code !== "cancelled") throw error;
  });
  for (const { id, status } of await window.lab.sae.list()) {
    if (status === "unfinished") await window.lab.sae.delete(id);
  }
  return { made: step, end };
};

/** On a GPU (here in software, at a small size): what is read back while training, apart from stored checkpoints. */
export async function measureReadBack(page, { request, dIn }) {
  const worker = page.workers().find((w) => /worker-/.test(w.url()));
  if (!worker) throw new Error("the lab's worker was not found");
  await worker.evaluate(noteReadBack);
  const { made, end } = await page.evaluate(steps, request);
  const readings = await worker.evaluate(() => globalThis.readBack);
  const sizes = readings.filter(({ time }) => time <= end).map(({ size }) => size); // then it is measured
  // A checkpoint reads parameters and moments, which are known by their sizes; anything else counts.
  const state = [dIn * request.dSae, request.dSae, dIn].map((length) => 4 * length);
  const others = sizes.filter((size) => !state.includes(size));
  const stored = sizes.length - others.length;
  return [
    row("WebGPU: read back per training step", others.reduce((a, b) => a + b, 0) / made, "bytes", {
      limit: 1000,
      note: `${others.length} readings of at most ${Math.max(0, ...others)} bytes in ${made} steps, harvest included; besides, ${stored} tensors for stored checkpoints`,
    }),
  ];
}
