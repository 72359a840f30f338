/** From opening the page to the first attention pattern, and how much script that takes. */
import { gzipSync } from "node:zlib";
import { open, ready } from "./browser.mjs";
import { median, row } from "./table.mjs";

async function timed(page, act) {
  const start = performance.now();
  await act();
  await ready(page);
  return performance.now() - start;
}

export async function measureOpen({ browser, url, repeats }) {
  const cold = [];
  const warm = [];
  for (let i = 0; i < repeats; i++) {
    const page = await open(browser, { serviceWorkers: "allow" });
    cold.push(await timed(page, () => page.goto(url)));
    await page.waitForTimeout(3000); // the service worker keeps the files meanwhile
    warm.push(await timed(page, () => page.reload()));
    await page.context().close();
  }

  const page = await open(browser);
  const sizes = [];
  page.on("response", async (response) => {
    const script = response.request().resourceType() === "script";
    const { pathname } = new URL(response.url());
    if (!script || /\/worker-|\/ort\/|\/tfjs\//.test(pathname)) return;
    sizes.push(gzipSync(await response.body()).byteLength);
  });
  await page.goto(url);
  await ready(page);
  await page.context().close();
  return [
    row("open → first attention pattern, cold", median(cold), "ms", { note: "new profile" }),
    row("open → first attention pattern, warm", median(warm), "ms", {
      note: "reload, files kept by the service worker",
    }),
    row("page script at start, gzip", sizes.reduce((a, b) => a + b, 0) / 1000, "kB", {
      limit: 300,
      note: "all but the worker",
    }),
  ];
}
