/** The Content-Security-Policy is there, says what it should, and holds; nothing is asked of a third party. */
import { expect, test } from "./fixtures.ts";
import { untilReady } from "./lab.ts";

test("every request of a first visit goes to the app's own site", async ({ page, baseURL }) => {
  const urls: string[] = [];
  page.context().on("request", (request) => urls.push(request.url()));
  await page.goto("./");
  await untilReady(page);
  for (const name of ["Features", "Train", "Steer"]) {
    await page
      .getByRole("link", { name })
      .or(page.getByRole("button", { name, exact: true }))
      .or(page.getByRole("tab", { name }))
      .first()
      .click();
    await page.waitForTimeout(500);
  }
  const own = new URL(baseURL!).origin;
  expect(urls.length).toBeGreaterThan(5);
  expect(urls.filter((url) => !url.startsWith(own) && !/^(blob|data):/.test(url))).toEqual([]);
});

test("the policy is in the header and in the page", async ({ page }) => {
  const response = await page.goto("./");
  const header = response!.headers()["content-security-policy"]!;
  const meta = await page
    .locator('meta[http-equiv="Content-Security-Policy"]')
    .getAttribute("content");
  for (const policy of [header, meta!]) {
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self' 'wasm-unsafe-eval'");
    expect(policy).not.toContain("unsafe-inline");
    expect(policy).not.toContain("'unsafe-eval'");
    const hosts = [...policy.matchAll(/https?:\/\/[^\s;]+/g)].map(([host]) => host);
    expect(hosts).toEqual([
      "https://huggingface.co",
      "https://*.huggingface.co",
      "https://*.hf.co",
    ]);
  }
  expect(header).toContain("frame-ancestors 'self'");
});

test("text is not run, and other hosts are not reached, from the page or from a worker", async ({
  page,
  expected,
}) => {
  await page.goto("./");
  await untilReady(page);
  expected(/Content Security Policy|ERR_BLOCKED_BY_CSP|violates|CSP/i);
  const outcome = await page.evaluate(async () => {
    const tried: Record<string, string> = {};
    const attempt = async (name: string, act: () => unknown) => {
      try {
        await act();
        tried[name] = "allowed";
      } catch {
        tried[name] = "refused";
      }
    };
    // Later, for what a debugger evaluates directly is let past the policy.
    await attempt(
      "eval",
      () =>
        new Promise((resolve, reject) =>
          setTimeout(() => {
            try {
              resolve((0, eval)("1 + 1"));
            } catch (e) {
              reject(e instanceof Error ? e : new Error(String(e)));
            }
          }),
        ),
    );
    await attempt("fetch", () => fetch("https://example.com/"));
    const image = new Image();
    await attempt("image", () => {
      image.src = "https://example.com/pixel.png";
      return image.decode();
    });
    await attempt(
      "blob worker",
      () =>
        new Promise((resolve, reject) => {
          const url = URL.createObjectURL(
            new Blob(["postMessage(1)"], { type: "text/javascript" }),
          );
          const worker = new Worker(url);
          worker.onmessage = resolve;
          worker.onerror = reject;
        }),
    );
    return tried;
  });
  expect(outcome).toEqual({
    eval: "refused",
    fetch: "refused",
    image: "refused",
    "blob worker": "refused",
  });
});

test("the worker's script carries the policy too, so its requests are held to it", async ({
  page,
  request,
}) => {
  const scripts: string[] = [];
  page.on("worker", (worker) => scripts.push(worker.url()));
  await page.goto("./");
  await untilReady(page);
  expect(scripts.length).toBeGreaterThan(0);
  for (const url of new Set(scripts)) {
    expect((await request.get(url)).headers()["content-security-policy"]).toContain(
      "default-src 'none'",
    );
  }
});

test("the page's own script is at most 300 kB gzipped", async ({ page }) => {
  const { gzipSync } = await import("node:zlib");
  const sizes: Record<string, number> = {};
  page.on("response", async (response) => {
    const type = response.request().resourceType();
    if (type === "script" && response.frame() === page.mainFrame()) {
      sizes[new URL(response.url()).pathname] = gzipSync(await response.body()).byteLength;
    }
  });
  await page.goto("./");
  await page.waitForLoadState("networkidle");
  await untilReady(page);
  const total = Object.entries(sizes)
    .filter(([path]) => !/worker-|\/ort\/|\/tfjs\//.test(path))
    .reduce((sum, [, size]) => sum + size, 0);
  expect(total).toBeGreaterThan(10_000);
  expect(total, JSON.stringify(sizes)).toBeLessThanOrEqual(300_000);
});
