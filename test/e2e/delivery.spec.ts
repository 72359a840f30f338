/** How models arrive: resumed after a reload, once for two tabs, from a mirror, as a folder; and what is kept of them. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { GPT2_SMALL, gpt2Files, MINI, sharded } from "../fixtures/gpt2-weights.mjs";
import { startHub } from "../fixtures/hub-server.mjs";
import { expect } from "./fixtures.ts";
import { askFor, benchModel, openModels, test } from "./hub.ts";
import { DIST, untilReady } from "./lab.ts";
import { serveFolder } from "./static-server.ts";

const ID = "someone/mini-gpt2";
const mini = gpt2Files(MINI);
/** 44 MB: three parts of the cache. */
const LARGER = { n_layer: 3, n_head: 8, n_embd: 512, n_positions: 64, vocab_size: 3000 };
const larger = gpt2Files(LARGER);

test.beforeEach(({ hub }) => {
  hub.requests.length = 0;
  hub.add(ID, mini);
});

/** By the console. */
const load = (page: Page, id: string) =>
  page.evaluate(async (name) => (await window.lab.load(name)).info, id);
const wholeFetches = (requests: string[]) =>
  requests.filter((request) => /\/cdn\/.*safetensors( bytes=\d+-)?$/.test(request));

test("a download goes on after a reload; a second tab waits for it and fetches nothing", async ({
  page,
  hub,
  context,
}) => {
  hub.add("someone/larger", larger, { bytesPerSecond: 5e6 });
  await page.goto("./");
  await untilReady(page);
  const keptParts = () =>
    page.evaluate(async () => {
      const keys = await (await caches.open("glassroom-models-v2")).keys();
      return keys.filter(({ url }) => url.includes("part-")).length;
    });
  void load(page, "someone/larger").catch(() => {});
  await expect.poll(keptParts).toBeGreaterThan(0);
  await page.reload();
  await untilReady(page);
  const other = await context.newPage();
  const dialog = await openModels(other);
  hub.requests.length = 0;

  const first = load(page, "someone/larger");
  await expect.poll(() => wholeFetches(hub.requests).length).toBe(1);
  await askFor(dialog, "someone/larger");
  await expect(dialog.getByText("Another tab is fetching this model")).toBeVisible();
  expect((await first).id).toBe("someone/larger");
  await expect(dialog.getByRole("heading", { name: "someone/larger" })).toBeVisible();
  expect(wholeFetches(hub.requests)).toEqual([
    expect.stringMatching(/bytes=(16777216|33554432)-$/),
  ]);
  expect((await benchModel(other)).dims).toEqual([1, 3, 3000]);
});

test("a large model is described before it is fetched", async ({ page, hub }) => {
  const medium = { ...GPT2_SMALL, n_layer: 24, n_head: 16, n_embd: 1024 };
  hub.add("openai-community/gpt2-medium", gpt2Files(medium));
  const dialog = await openModels(page);
  await askFor(dialog, "openai-community/gpt2-medium");
  const question = dialog.getByRole("region", { name: "Load openai-community/gpt2-medium?" });
  await expect(question).toContainText("355M, stored as float32");
  await expect(question).toContainText(/about 1\.6 GB at work, 3\.0 GB while it is loaded/);
  await question.getByText("Keep it as float16").click();
  await expect(question).toContainText("710 MB, as float16");
  await question.getByRole("button", { name: "Cancel" }).click();
  await expect(question).toBeHidden();
  expect(wholeFetches(hub.requests)).toEqual([]);
});

test("what is kept is listed, and deleted after a question, by keyboard", async ({ page }) => {
  const dialog = await openModels(page);
  await askFor(dialog, ID);
  await expect(dialog.getByRole("heading", { name: ID })).toBeVisible();
  const kept = dialog.getByRole("list", { name: "Models kept in this browser" });
  await expect(kept.getByRole("listitem")).toHaveText([
    /someone\/mini-gpt2.*347 kB · commit 607a30d/,
  ]);
  await dialog.getByRole("button", { name: `Delete ${ID}` }).press("Enter");
  await expect(dialog.getByRole("button", { name: "Keep it" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(dialog.getByRole("button", { name: `Delete ${ID}` })).toBeFocused();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Enter");
  await expect(dialog.getByText("No model yet.")).toBeVisible();
  expect((await benchModel(page)).id).toBe(ID); // the bench keeps what it has
});

test("a branch that has moved on is noticed when asked, and loaded when wanted", async ({
  page,
  hub,
}) => {
  const dialog = await openModels(page);
  await askFor(dialog, ID);
  await expect(dialog.getByRole("heading", { name: ID })).toBeVisible();
  await dialog.getByRole("button", { name: "Check for a newer version" }).click();
  await expect(dialog.getByText("This is the newest version of “main”.")).toBeVisible();
  const before = hub.commit;
  hub.move("1".repeat(40));
  await dialog.getByRole("button", { name: "Check for a newer version" }).click();
  await expect(dialog.getByText("“main” has moved on to commit 1111111.")).toBeVisible();
  await dialog.getByRole("button", { name: "Load it anew" }).click();
  await expect(dialog.getByText("the Hugging Face Hub, commit 1111111")).toBeVisible();
  await expect(dialog.getByRole("list", { name: "Models kept" }).getByRole("listitem")).toHaveCount(
    1,
  );
  hub.move(before);
});

test("a mirror takes the Hub's place: by the dialog, by link, and no other server is reached", async ({
  page,
  hub,
  expected,
}) => {
  const mirror = await startHub({ tls: false });
  mirror.add("class/model", mini);
  const dialog = await openModels(page);
  expected(/Content Security Policy|violates|CSP/i);
  expect(
    await page.evaluate(
      (address) => window.lab.load("class/model", { hub: address }).catch(String),
      mirror.url,
    ),
  ).toMatch(/cannot be reached/);
  expect(mirror.requests).toEqual([]);

  await dialog.getByText("Use a mirror in the Hub’s place").click();
  await dialog.getByRole("textbox", { name: "Address of the mirror" }).fill(mirror.url);
  await dialog.getByRole("button", { name: "Use it" }).click();
  await page.waitForURL(/hub=http/);
  await untilReady(page);
  await page.getByRole("button", { name: "tinylab-gpt2-4l" }).first().click();
  await askFor(dialog, "class/model");
  await expect(dialog.getByRole("heading", { name: "class/model" })).toBeVisible();
  const site = mirror.url.slice("http://".length, -1);
  await expect(page.getByRole("button", { name: /class\/model/ }).first()).toContainText(
    `from ${site}`,
  );
  expect(hub.requests).toEqual([]);

  // The link carries it to a browser that has chosen nothing.
  await page.evaluate(() => localStorage.clear());
  mirror.requests.length = 0;
  await page.goto(`./?model=class/model&hub=${encodeURIComponent(mirror.url)}`);
  expect((await untilReady(page)).id).toBe("class/model");
  await page.goto("./");
  await untilReady(page);
  expect(await page.evaluate(() => window.lab.hub)).toBeNull();
  await mirror.close();
});

test.describe("on a plain static host", () => {
  test.use({ serviceWorkers: "allow" });
  test("the service worker lets a page with a mirror reach it", async ({ page }) => {
    const host = await serveFolder(DIST, "/lab/");
    const mirror = await startHub({ tls: false });
    mirror.add("class/model", mini);
    await page.goto(`${host.url}?model=class/model&hub=${encodeURIComponent(mirror.url)}`);
    expect((await untilReady(page)).id).toBe("class/model");
    await mirror.close();
    await host.stop();
  });
});

test("a folder with weights in several files is chosen as one", async ({ page }) => {
  const folder = mkdtempSync(join(tmpdir(), "my-shards-"));
  for (const [name, file] of Object.entries(sharded(mini, 3))) {
    writeFileSync(join(folder, name), file.read(0, file.size));
  }
  const dialog = await openModels(page);
  await page.getByLabel("Folder of a checkpoint").setInputFiles(folder);
  await expect(dialog.getByRole("heading", { name: /^my-shards-/ })).toBeVisible();
  expect((await benchModel(page)).dims).toEqual([1, 3, 600]);
  rmSync(folder, { recursive: true });
});

test("a server that lets no other site read it is an error that says so", async ({
  page,
  hub,
  expected,
}) => {
  expected(/CORS|Failed to load resource|request failed|ERR_FAILED/);
  hub.add("someone/closed", mini, { noCors: true });
  const dialog = await openModels(page);
  await askFor(dialog, "someone/closed");
  await expect(dialog.getByRole("alert")).toContainText(/huggingface\.co cannot be reached/);
});
