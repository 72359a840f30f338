/** A model of the Hugging Face Hub: by console and by hand, from the network and from the browser's cache. */
import { gpt2Files, MINI, ofBuffer, type Files } from "../fixtures/gpt2-weights.mjs";
import type { Trouble } from "../fixtures/hub-server.mjs";
import { expect } from "./fixtures.ts";
import { askFor, benchModel, EMBEDDED, openModels, test } from "./hub.ts";
import { untilReady } from "./lab.ts";

const ID = "someone/mini-gpt2";
const files = gpt2Files(MINI, { prefix: "transformer." });
const weightBytes = files["model.safetensors"]!.size;
const text = (content: string) => ofBuffer(Buffer.from(content));

test.beforeEach(({ hub }) => {
  hub.requests.length = 0;
  hub.add(ID, files);
});

test("loads from the console, then from the cache with the Hub out of reach", async ({
  page,
  hub,
}) => {
  await page.goto("./");
  await untilReady(page);
  const load = () =>
    page.evaluate(async (id) => {
      const seen: { phase: string; fromCache: boolean; loadedBytes: number }[] = [];
      const model = await window.lab.load(id, { onProgress: (p) => seen.push(p) });
      const { logits, tokens } = await model.runWithCache("the cat sat", { names: [] });
      return { info: model.info, seen, tokens: tokens.ids, logits: Array.from(logits.data) };
    }, ID);
  const first = await load();
  expect(first.info).toMatchObject({ id: ID, source: "hub", revision: "main", warnings: [] });
  expect(first.info.config).toMatchObject({ ...MINI });
  expect(first.tokens[0]).toBe(599);
  expect(first.logits.length).toBe(600 * first.tokens.length);
  expect(first.seen.filter(({ phase }) => phase === "weights").at(-1)).toMatchObject({
    loadedBytes: weightBytes,
    totalBytes: weightBytes,
    fromCache: false,
  });
  expect(first.seen.at(-1)!.phase).toBe("session");

  await page.reload();
  await untilReady(page);
  hub.requests.length = 0;
  const again = await load();
  expect(hub.requests).toEqual([]);
  expect(again.logits).toEqual(first.logits);
  expect(again.tokens).toEqual(first.tokens);
  expect(again.seen.find(({ phase }) => phase === "weights")!.fromCache).toBe(true);
});

test("loads by hand, with progress; cancelling leaves the bench and the cache as they were", async ({
  page,
  hub,
}) => {
  hub.add(ID, files, { bytesPerSecond: 60_000 });
  const dialog = await openModels(page);
  await askFor(dialog, ID);
  const bar = dialog.getByRole("progressbar", { name: /Fetching weights/ });
  await expect(bar).toBeVisible();
  await expect(bar).toHaveAttribute("aria-valuetext", /of 347 kB, .*\/s, .* left/);
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await expect(bar).toBeHidden();
  expect((await benchModel(page)).id).toBe(EMBEDDED);
  const kept = () =>
    page.evaluate(async () => (await (await caches.open("glassroom-models-v2")).keys()).length);
  await expect.poll(kept).toBe(0);

  hub.add(ID, files);
  await askFor(dialog, ID);
  await expect(dialog.getByRole("heading", { name: ID })).toBeVisible();
  await dialog.getByRole("button", { name: "Close" }).click();
  await expect(page.getByRole("button", { name: ID })).toBeVisible();
  await expect(page.getByRole("img", { name: /attention/i }).first()).toBeVisible();
  expect(await benchModel(page)).toEqual({ id: ID, dims: [1, 3, 600] });
  expect(await kept()).toBe(3); // the record, the small files, one part of the weights
});

const config = (json: object) => ({ ...files, "config.json": text(JSON.stringify(json)) });
const without = (...names: string[]): Files =>
  Object.fromEntries(Object.entries(files).filter(([name]) => !names.includes(name)));
const withNaN = (): Files => {
  const bytes = Buffer.from(files["model.safetensors"]!.read(0, weightBytes));
  bytes.writeFloatLE(NaN, bytes.length - 4);
  return { ...files, "model.safetensors": ofBuffer(bytes) };
};

const refusals: [string, Files, Trouble, RegExp][] = [
  ["another architecture", config({ model_type: "llama" }), {}, /This is a "llama" model/],
  ["a failing server", files, { status: 500 }, /answered 500/],
  ["a gated model", files, { gated: true }, /is gated/],
  ["no safetensors", without("model.safetensors"), {}, /has no model\.safetensors/],
  ["missing tensors", gpt2Files(MINI, { omit: ["ln_f.bias"] }), {}, /lacks 1 .*: ln_f\.bias/],
  ["a weight that is NaN", withNaN(), {}, /element 39 of tensor "ln_f\.bias" is NaN/],
  ["a connection that always breaks", files, { cutAt: 100_000 }, /was cut off/],
];

test("says what is wrong with a model, and keeps the bench", async ({ page, hub, expected }) => {
  test.slow();
  expected(/Failed to load resource|request failed/);
  const dialog = await openModels(page);
  const card = dialog.getByRole("alert");
  for (const [what, given, trouble, message] of refusals) {
    await test.step(what, async () => {
      hub.add(ID, given, trouble);
      await askFor(dialog, ID);
      await expect(card).toContainText(message);
      await expect(card).toContainText(`${EMBEDDED} stays on the bench`);
      expect((await benchModel(page)).id).toBe(EMBEDDED);
    });
  }
  hub.add(ID, files);
  await dialog.getByRole("button", { name: "Try again" }).click();
  await expect(dialog.getByRole("heading", { name: ID })).toBeVisible();
  await expect(card).toBeHidden();
  expect((await benchModel(page)).id).toBe(ID);
});

test("says what is wrong with an id: no such model, no id, no such revision", async ({
  page,
  expected,
}) => {
  expected(/Failed to load resource/);
  const dialog = await openModels(page);
  await askFor(dialog, "no/body");
  await expect(dialog.getByRole("alert")).toContainText(/There is no model "no\/body"/);
  await askFor(dialog, "what is this?");
  await expect(dialog.getByRole("alert")).toContainText(/"what is this\?" is no model id/);
  await dialog.getByRole("textbox", { name: "Revision" }).fill("v9");
  await askFor(dialog, ID);
  await expect(dialog.getByRole("alert")).toContainText(/no branch, tag or commit "v9"/);
  expect((await benchModel(page)).id).toBe(EMBEDDED);
});

test("loads although the browser has no room to keep it, and says so", async ({
  page,
  baseURL,
}) => {
  await page.goto("./");
  await untilReady(page);
  const session = await page.context().newCDPSession(page);
  const origin = new URL(baseURL!).origin;
  await session.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: 10_000 });
  const warnings = await page.evaluate(async (id) => (await window.lab.load(id)).info.warnings, ID);
  expect(warnings).toEqual([expect.stringMatching(/no storage left for this page/)]);
});

test("a server that ignores ranges will do", async ({ page, hub }) => {
  hub.add(ID, files, { noRange: true });
  await page.goto("./");
  await untilReady(page);
  await page.evaluate((id) => window.lab.load(id), ID);
  expect((await benchModel(page)).id).toBe(ID);
});
