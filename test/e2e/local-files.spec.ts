/** A model from the user's own files: by the file button, by dropping them, and in every way broken. */
import type { Page } from "@playwright/test";
import { gpt2Files, MINI } from "../fixtures/gpt2-weights.mjs";
import { expect, test } from "./fixtures.ts";
import { benchModel, EMBEDDED, openModels } from "./hub.ts";
import { untilReady } from "./lab.ts";

const made = gpt2Files(MINI, { untied: true });
const bytesOf = (name: string): Buffer => Buffer.from(made[name]!.read(0, made[name]!.size));
const payload = (name: string, buffer: Buffer = bytesOf(name)) => ({
  name,
  mimeType: "application/octet-stream",
  buffer,
});
const others = [payload("config.json"), payload("tokenizer.json")];
const NAME = "local GPT-2, 3 × 40";

const choose = (page: Page, files: ReturnType<typeof payload>[]) =>
  page.getByLabel("Files of a checkpoint").setInputFiles(files);

test("is loaded by the file button, and named after its size", async ({ page }) => {
  const dialog = await openModels(page);
  await choose(page, [...others, payload("model.safetensors"), payload("tokenizer_config.json")]);
  await expect(dialog.getByRole("heading", { name: NAME })).toBeVisible();
  expect(await benchModel(page)).toEqual({ id: NAME, dims: [1, 3, 600] });
});

test("is loaded when its files are dropped on the page", async ({ page }) => {
  await page.goto("./");
  await untilReady(page);
  const files = ["config.json", "model.safetensors", "tokenizer.json"].map((name) => ({
    name,
    base64: bytesOf(name).toString("base64"),
  }));
  await page.evaluate((dropped) => {
    const dataTransfer = new DataTransfer();
    for (const { name, base64 } of dropped) {
      const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
      dataTransfer.items.add(new File([bytes], name));
    }
    for (const type of ["dragover", "drop"]) {
      document.body.dispatchEvent(
        new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }),
      );
    }
  }, files);
  await expect(page.getByRole("button", { name: NAME })).toBeVisible();
  await expect(page.getByRole("img", { name: /attention/i }).first()).toBeVisible();
  expect((await benchModel(page)).id).toBe(NAME);
});

test("from the console, with tensors read back after the weights were released", async ({
  page,
}) => {
  await page.goto("./");
  await untilReady(page);
  const files = ["config.json", "model.safetensors", "tokenizer.json"].map((name) => ({
    name,
    bytes: [...bytesOf(name)],
  }));
  const answer = await page.evaluate(async (given) => {
    const model = await window.lab.load(
      given.map(({ name, bytes }) => new File([Uint8Array.from(bytes)], name)),
    );
    const { cache } = await model.runWithCache([5, 6], { names: ["hook_embed"] });
    return { source: model.info.source, embed: Array.from(cache.get("hook_embed")!.data) };
  }, files);
  expect(answer.source).toBe("files");
  const file = bytesOf("model.safetensors");
  const begin = 8 + Number(file.readBigUInt64LE());
  const row = (token: number) =>
    Array.from({ length: 40 }, (_, i) => file.readFloatLE(begin + 4 * (40 * token + i)));
  expect(answer.embed).toEqual([...row(5), ...row(6)]);
});

/** The same weights in bfloat16: the upper half of each float32. */
function inBfloat16(): Buffer {
  const file = bytesOf("model.safetensors");
  const end = 8 + Number(file.readBigUInt64LE());
  const header = JSON.parse(file.toString("utf8", 8, end)) as Record<
    string,
    { dtype: string; data_offsets?: number[] }
  >;
  for (const entry of Object.values(header)) {
    if (!entry.data_offsets) continue;
    entry.dtype = "BF16";
    entry.data_offsets = entry.data_offsets.map((at) => at / 2);
  }
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  const data = file.subarray(end).filter((_, i) => i % 4 >= 2);
  return Buffer.concat([length, json, data]);
}

test("in bfloat16, which the engine's builds for browsers cannot read by themselves", async ({
  page,
}) => {
  await page.goto("./");
  await untilReady(page);
  const files = [
    ...["config.json", "tokenizer.json"].map((name) => ({ name, bytes: [...bytesOf(name)] })),
    { name: "model.safetensors", bytes: [...inBfloat16()] },
  ];
  const embed = await page.evaluate(async (given) => {
    const model = await window.lab.load(
      given.map(({ name, bytes }) => new File([Uint8Array.from(bytes)], name)),
    );
    const { cache } = await model.runWithCache([5], { names: ["hook_embed"] });
    return Array.from(cache.get("hook_embed")!.data);
  }, files);
  const file = bytesOf("model.safetensors");
  const begin = 8 + Number(file.readBigUInt64LE()) + 4 * 40 * 5;
  const cut = Array.from({ length: 40 }, (_, i) => {
    const word = Buffer.alloc(4);
    word.writeUInt32LE((file.readUInt32LE(begin + 4 * i) & 0xffff0000) >>> 0);
    return word.readFloatLE();
  });
  expect(embed).toEqual(cut);
});

/** The weight file with its header's JSON changed; the data stay as they are. */
function withHeader(change: (header: Record<string, { data_offsets: number[] }>) => void): Buffer {
  const file = bytesOf("model.safetensors");
  const end = 8 + Number(file.readBigUInt64LE());
  const header = JSON.parse(file.toString("utf8", 8, end));
  change(header);
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, file.subarray(end)]);
}
const changed = (change: (file: Buffer) => void): Buffer => {
  const file = bytesOf("model.safetensors");
  change(file);
  return file;
};

const broken: [string, Buffer, RegExp][] = [
  ["cut off", bytesOf("model.safetensors").subarray(0, -100), /ends at byte .* it is cut off/],
  ["overlapping", withHeader((h) => h["wpe.weight"]!.data_offsets.fill(0)), /takes 10240 bytes/],
  [
    "overlapping, at the right size",
    withHeader((h) => {
      const { data_offsets } = h["ln_f.bias"]!;
      h["ln_f.bias"]!.data_offsets = data_offsets.map((at) => at - 40);
    }),
    /"ln_f\.bias" begins at byte \d+, inside tensor/,
  ],
  ["with a huge header", changed((file) => file.writeBigUInt64LE(2n ** 50n)), /at most 100000000/],
  ["with NaN", changed((file) => file.writeFloatLE(NaN, file.length - 4)), /is NaN/],
  ["empty", Buffer.alloc(0), /has 0 bytes/],
];

test("broken weight files are refused with the reason, and the bench stays", async ({ page }) => {
  const dialog = await openModels(page);
  for (const [what, weights, message] of broken) {
    await test.step(what, async () => {
      await choose(page, [...others, payload("model.safetensors", weights)]);
      await expect(dialog.getByRole("alert")).toContainText(message);
      await dialog.getByRole("button", { name: "Dismiss this message" }).click();
      await expect(dialog.getByRole("alert")).toBeHidden();
    });
  }
  await choose(page, others);
  await expect(dialog.getByRole("alert")).toContainText(
    /model\.safetensors is missing \(given: config/,
  );
  await choose(page, [
    payload("config.json", Buffer.from('{"model_type":"bert"}')),
    payload("tokenizer.json"),
    payload("model.safetensors"),
  ]);
  await expect(dialog.getByRole("alert")).toContainText(/This is a "bert" model/);
  expect((await benchModel(page)).id).toBe(EMBEDDED);
});
