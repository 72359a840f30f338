/** The Features lab: opening a dashboard, scrolling a long list, and measuring all features of an SAE in one pass. */
import { median, row } from "./table.mjs";

/** As wide as the widest SAEs of GPT-2 small that are widely used. */
const LONG = 24_576;

/** Runs in the page before its scripts: a feature table arrives as long as `rows`, its own rows again and again. */
export const lengthenTable = (rows) => {
  const add = window.Worker.prototype.addEventListener;
  window.Worker.prototype.addEventListener = function (type, listener, ...rest) {
    if (type !== "message") return add.call(this, type, listener, ...rest);
    const wrapped = (event) => {
      const table = event.data?.value;
      if (event.data?.kind === "done" && Array.isArray(table?.rows) && table.saeId) {
        const own = table.rows;
        table.rows = Array.from({ length: rows }, (_, feature) => ({
          ...own[feature % own.length],
          feature,
        }));
      }
      listener(event);
    };
    return add.call(this, type, wrapped, ...rest);
  };
};

/** On a page at the Features lab. From a key in the list to the frame after the dashboard's head has changed. */
export async function measureDashboard(page, { repeats }) {
  const grid = page.getByRole("grid", { name: /features; arrow keys/ });
  await grid.waitFor({ timeout: 60_000 });
  await page.locator(".dashboard-head h2").waitFor({ timeout: 60_000 });
  await page.waitForTimeout(1500);
  const times = [];
  for (let i = 0; i < repeats; i++) {
    await page.evaluate(() => {
      const title = document.querySelector(".dashboard-head h2");
      const before = title.textContent;
      addEventListener("keydown", () => (window.bench.key = performance.now()), {
        ...{ once: true, capture: true },
      });
      window.bench.opened = new Promise((resolve) => {
        const look = () => {
          const now = document.querySelector(".dashboard-head h2")?.textContent;
          if (now && now !== before) resolve(performance.now() - window.bench.key);
          else requestAnimationFrame(look);
        };
        requestAnimationFrame(look);
      });
    });
    await grid.press("ArrowDown");
    times.push(await page.evaluate(() => window.bench.opened));
    await page.waitForTimeout(250);
  }
  return [
    row("a feature's dashboard opened", median(times), "ms", {
      limit: 100,
      note: "from the key in the list to the frame after it is drawn, 6 of its examples among it",
    }),
  ];
}

/** On a page whose table is `LONG` rows. Scrolled by 400 pixels a frame for two seconds. */
export async function measureScroll(page) {
  const grid = page.getByRole("grid", { name: /features; arrow keys/ });
  await grid.waitFor({ timeout: 60_000 });
  await page.waitForTimeout(1500);
  const frames = await grid.evaluate(
    (list) =>
      new Promise((resolve) => {
        const times = [];
        const step = (time) => {
          times.push(time);
          list.scrollTop += 400;
          if (time - times[0] < 2000) requestAnimationFrame(step);
          else resolve(times.slice(1).map((t, i) => t - times[i]));
        };
        requestAnimationFrame(step);
      }),
  );
  const late = frames.filter((ms) => ms > 20).length;
  return [
    row(`scrolling ${LONG.toLocaleString("en")} features`, 1000 / median(frames), "frames/s", {
      ...{ limit: 59, atLeast: true },
      note: `400 pixels a frame for 2 s; ${late} of ${frames.length} frames came late`,
    }),
  ];
}
export const SCROLLED = LONG;

/** Statistics, examples and correlations of 2,048 features over 200,000 tokens of the corpus, as after training. */
export async function measurePass(page, { hook, tokens }) {
  const { seconds, longest, measured, megabytes } = await page.evaluate(pass, { hook, tokens });
  return [
    row("dashboards of 2,048 features, one pass", seconds, "s", {
      note: `${measured.toLocaleString("en")} tokens, harvest, statistics, examples and correlations; ${megabytes.toFixed(1)} MB stored`,
    }),
    row("dashboards: longest task on the page's thread", longest, "ms", {
      limit: 50,
      note: "PerformanceObserver “longtask”, which tells of those above 50 ms; 0: none",
    }),
  ];
}

/** Runs in the page. */
async function pass({ hook, tokens }) {
  const { lab } = window;
  const sae = await lab.sae.train({
    ...{ hook, dSae: 2048, variant: "topk", k: 32, tokens: 4096, batchSize: 512, seed: 1 },
  });
  const settled = (request) =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  const database = await settled(window.indexedDB.open("glassroom-saes"));
  const summaries = () => database.transaction("summaries", "readwrite").objectStore("summaries");
  const summary = await settled(summaries().get(sae.id));
  // A third of what it was trained on is measured.
  await settled(summaries().put({ ...summary, trainedTokens: 3 * tokens }, sae.id));
  await lab.sae.rename(sae.id, "bench"); // what was kept open of it is read anew
  const tasks = [];
  const observer = new PerformanceObserver((list) =>
    tasks.push(...list.getEntries().map(({ duration }) => duration)),
  );
  observer.observe({ type: "longtask" });
  const start = performance.now();
  await lab.sae.measure(sae.id, { again: true });
  const seconds = (performance.now() - start) / 1000;
  observer.disconnect();
  const stored = database.transaction("dashboards").objectStore("dashboards");
  const bytes = await settled(stored.get(sae.id));
  database.close();
  const { tokens: measured } = await lab.sae.features(sae.id);
  await lab.sae.delete(sae.id);
  return { seconds, longest: Math.max(0, ...tasks), measured, megabytes: bytes.length / 1e6 };
}
