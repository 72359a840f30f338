/**
 * On a host that sends no headers, under a sub-path: the service worker isolates the page, so WebAssembly gets its
 * threads; where service workers are off, the app runs on one thread and says so.
 */
import { expect, test } from "./fixtures.ts";
import { DIST, untilReady } from "./lab.ts";
import { serveFolder, type StaticServer } from "./static-server.ts";

let host: StaticServer;
test.beforeAll(async () => {
  host = await serveFolder(DIST, "/some/where/");
});
test.afterAll(() => host.stop());

test.describe("a plain static host, under a path", () => {
  test.use({ serviceWorkers: "allow" });

  test("is isolated after one reload, on the first visit", async ({ page }) => {
    let loads = 0;
    page.on("request", (request) => (loads += request.isNavigationRequest() ? 1 : 0));
    await page.goto(host.url);
    const model = await untilReady(page);
    expect(model.isolated).toBe(true);
    expect(model.threads).toBeGreaterThan(1);
    expect(loads).toBe(2);
    expect(await page.evaluate(() => window.location.pathname)).toBe("/some/where/");
  });

  test("a forced reload, which goes past the service worker, is put right again", async ({
    page,
  }) => {
    await page.goto(host.url);
    await untilReady(page);
    await page.evaluate(() => Object.assign(window, { isBefore: true }));
    const session = await page.context().newCDPSession(page);
    await session.send("Page.reload", { ignoreCache: true });
    // A page that is not isolated comes first, and asks again by itself.
    await page.waitForFunction(() => !("isBefore" in window) && window.crossOriginIsolated);
    expect((await untilReady(page)).isolated).toBe(true);
  });
});

test("without service workers it runs on one thread, and says so", async ({ page }) => {
  await page.goto(host.url);
  const model = await untilReady(page);
  expect(model).toMatchObject({ isolated: false, threads: 1, device: "wasm" });
  await expect(page.getByText(/1 thread|single.thread|one thread/i).first()).toBeVisible();
});
