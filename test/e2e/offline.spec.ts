/** After the first visit the app works without its server; a new version takes over cleanly. */
import { expect, test } from "./fixtures.ts";
import { DIST, untilKept, untilReady } from "./lab.ts";
import { serveFolder } from "./static-server.ts";

test.use({ serviceWorkers: "allow" });

test("works offline after the first visit, and keeps nothing of other hosts", async ({ page }) => {
  const host = await serveFolder(DIST, "/lab/");
  await page.goto(host.url);
  await untilReady(page);
  await untilKept(page);
  const others = await page.evaluate(async (own) => {
    const keys = await (await caches.open("glassroom-app")).keys();
    return keys.map(({ url }) => url).filter((url) => !url.startsWith(own));
  }, host.url);
  expect(others).toEqual([]);

  await host.stop();
  await page.reload();
  const model = await untilReady(page);
  expect(model.isolated).toBe(true);
  // The model and the SAE answer as they did online.
  const next = await page.evaluate(async () => {
    const { logits } = await window.lab.model!.runWithCache("Once upon a", { names: [] });
    return logits.dims[2];
  });
  expect(next).toBeGreaterThan(100);
  const [sae] = await page.evaluate(() => window.lab.sae.list());
  expect(sae, "the shipped SAE is there").toBeTruthy();
  const rows = await page.evaluate(
    async (id) => (await window.lab.sae.features(id)).rows.length,
    sae!.id,
  );
  expect(rows).toBeGreaterThan(0);
});

test("fetches only what a new version changes, and takes over on the next reload", async ({
  page,
}) => {
  const host = await serveFolder(DIST, "/lab/");
  await page.goto(host.url);
  await untilReady(page);
  await untilKept(page);

  // A new version: another title, and a service worker whose list has the new page's hash.
  const html = host
    .read("index.html")
    .toString()
    .replace(/<title>.*<\/title>/, "<title>Next</title>");
  const script = host.read("sw.js").toString();
  const hash = async (text: string) =>
    Buffer.from(await crypto.subtle.digest("SHA-256", Buffer.from(text))).toString("hex");
  const before = await hash(host.read("index.html").toString());
  expect(script).toContain(before);
  host.replace("index.html", html);
  host.replace("sw.js", script.replace(before, await hash(html)));

  host.requests.length = 0;
  await page.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready;
    await registration.update();
    await new Promise<void>((resolve) => {
      const check = () => (registration.waiting ? resolve() : setTimeout(check, 100));
      check();
    });
  });
  expect(new Set(host.requests)).toEqual(new Set(["/lab/sw.js", "/lab/index.html"]));
  expect(await page.title()).not.toBe("Next");

  await page.reload();
  // The old version answers with a page that asks again when the new one is in charge: two navigations.
  await page.waitForFunction(() => document.title === "Next");
  expect((await untilReady(page)).isolated).toBe(true);
  const kept = await page.evaluate(async () => {
    const keys = await (await caches.open("glassroom-app")).keys();
    return keys
      .map(({ url }) => new URL(url).pathname)
      .filter((path) => path.endsWith("/index.html"));
  });
  expect(kept).toEqual(["/lab/index.html"]);
  await host.stop();
});
