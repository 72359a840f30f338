/** The engine in a real browser, through `window.lab`, on the built app: the same numbers as PyTorch, on both devices. */
import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import type { Edit } from "../../src/core/edits.ts";
import type { ModelInfo } from "../../src/core/model-info.ts";
import { parseSafetensors, readArray, readFloats } from "../../src/formats/safetensors.ts";
import { expect, test } from "./fixtures.ts";

const fixtures = new URL("../fixtures/tinylab-gpt2-4l/", import.meta.url);
const bytes = new Uint8Array(readFileSync(new URL("reference.safetensors", fixtures)));
const header = parseSafetensors(bytes);
const idsOf = (prompt: string) => [
  ...readArray(bytes, header.tensors.get(`${prompt}.input_ids`)!, "I32"),
];

/** Waits for the model that the page itself loads. */
async function open(page: Page, device: "wasm" | "webgpu"): Promise<ModelInfo> {
  await page.goto(`./?device=${device}`);
  await page.waitForFunction(() => Boolean(window.lab?.model), undefined, { timeout: 60_000 });
  return page.evaluate(() => window.lab.model!.info);
}

/** Largest difference from PyTorch over the hooks and the logits, with the hook that has it. */
async function compare(
  page: Page,
  prompt: string,
): Promise<{ hooks: number; largest: number; at: string }> {
  const ids = idsOf(prompt);
  const got = await page.evaluate(async (tokens) => {
    const { cache, logits } = await window.lab.model!.runWithCache(tokens);
    // Text is what crosses from the page fastest: float32 as base64.
    const pack = (data: Float32Array) => {
      const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
      let text = "";
      for (let i = 0; i < raw.length; i += 32768) {
        text += String.fromCharCode(...raw.subarray(i, i + 32768));
      }
      return btoa(text);
    };
    return [
      ["logits", pack(logits.data)],
      ...[...cache].map(([name, { data }]) => [name, pack(data)]),
    ];
  }, ids);
  const values = new Map(
    got.map(([name, text]) => [
      name!,
      new Float32Array(new Uint8Array(Buffer.from(text!, "base64")).buffer),
    ]),
  );
  let [hooks, largest, at] = [0, 0, ""];
  for (const [name, entry] of header.tensors) {
    const hook = name.slice(prompt.length + 1);
    if (!name.startsWith(`${prompt}.`) || hook === "input_ids") continue;
    const expected = readFloats(bytes, entry);
    const data = values.get(hook)!;
    expect(data.length, hook).toBe(expected.length);
    hooks++;
    for (let i = 0; i < data.length; i++) {
      const difference = Math.abs(data[i]! - expected[i]!);
      if (!(difference <= largest)) [largest, at] = [difference, hook];
    }
  }
  return { hooks, largest, at };
}

test.describe("WebAssembly", () => {
  test("every hook equals PyTorch, on both reference prompts", async ({ page }) => {
    const info = await open(page, "wasm");
    expect(info).toMatchObject({ id: "tinylab-gpt2-4l", device: "wasm", source: "embedded" });
    expect(info.threads).toBeGreaterThan(1);
    for (const prompt of ["p0", "p1"]) {
      const { hooks, largest, at } = await compare(page, prompt);
      expect(hooks).toBe(60); // 59 hook points and the logits
      expect(largest, `${prompt}.${at}`).toBeLessThanOrEqual(5e-4);
    }
  });

  test("the console's model: tokens, edits, generation", async ({ page }) => {
    await open(page, "wasm");
    const seen = await page.evaluate(async () => {
      const model = window.lab.model!;
      const text = "The cat sat on the";
      const ids = model.toTokens(text);
      const hook = "blocks.1.hook_resid_post";
      const names = (name: string) => name === hook;
      const plain = await model.runWithCache(text, { names });
      const edits: Edit[] = [{ hook, op: "zero", pos: -1 }];
      const edited = await model.runWithCache(text, { names: [hook], edits });
      const options = { maxNewTokens: 8, temperature: 0.8, topK: 40, seed: 3 };
      const streamed: string[] = [];
      const first = await model.generate(text, {
        ...options,
        onToken: (t) => streamed.push(t.text),
      });
      const again = await model.generate(ids, options);
      const zeroed = await model.generate(text, { ...options, edits: [{ hook, op: "zero" }] });
      const d = model.config.n_embd;
      return {
        ids,
        back: model.toStrTokens(text),
        keys: [...plain.cache.keys()],
        dims: [plain.cache.get(hook)!.dims, plain.logits.dims],
        lastRow: [...edited.cache.get(hook)!.data.subarray((ids.length - 1) * d)],
        first,
        again,
        zeroed,
        streamed: streamed.join(""),
      };
    });
    const T = seen.ids.length;
    expect(seen.back).toEqual(["<|endoftext|>", "The", " cat", " sat", " on", " the"]);
    expect(seen.keys).toEqual(["blocks.1.hook_resid_post"]);
    expect(seen.dims).toEqual([
      [1, T, 192],
      [1, T, 8192],
    ]);
    expect(seen.lastRow.every((v) => v === 0)).toBe(true);
    expect(seen.first.tokens).toHaveLength(8);
    expect(seen.again).toEqual(seen.first);
    expect(seen.streamed).toBe(seen.first.text);
    expect(seen.zeroed.tokens).not.toEqual(seen.first.tokens);
  });

  test("a prompt's view: patterns of all heads, likeliest tokens, the newest call first", async ({
    page,
  }) => {
    await open(page, "wasm");
    const seen = await page.evaluate(async () => {
      const model = window.lab.model!;
      const prompt = {
        text: "When Mary and John went to the store, John gave a drink to",
        prependBos: true,
      };
      const view = await model.view(prompt, { saeId: null, topK: 10 });
      const T = view.tokens.ids.length;
      let worst = 0;
      for (let row = 0; row < view.pattern.data.length; row += T) {
        const sum = view.pattern.data.subarray(row, row + T).reduce((a, b) => a + b, 0);
        worst = Math.max(worst, Math.abs(sum - 1));
      }
      // Typing: each call gives up the one before it; only the last is answered.
      let abort = new AbortController();
      const calls = ["a", "b", "c", "d", "e", "f", "g", "h"].map((letter) => {
        abort.abort();
        abort = new AbortController();
        return model.view(
          { text: letter.repeat(20), prependBos: true },
          { saeId: null, topK: 1, signal: abort.signal },
        );
      });
      const settled = await Promise.allSettled(calls);
      return {
        dims: view.pattern.dims,
        T,
        worst,
        last: view.predictions.at(-1)!,
        settled: settled.map((s) => s.status),
      };
    });
    expect(seen.dims).toEqual([4, 6, seen.T, seen.T]);
    expect(seen.worst).toBeLessThan(1e-5);
    expect(seen.last.ids).toHaveLength(10);
    expect(seen.last.probabilities.reduce((a, b) => a + b, 0)).toBeLessThan(1);
    expect([...seen.last.logits].sort((a, b) => b - a)).toEqual(seen.last.logits);
    expect(seen.settled).toEqual([...Array<string>(7).fill("rejected"), "fulfilled"]);
  });

  test("what cannot be run is refused in words, and the model goes on", async ({ page }) => {
    await open(page, "wasm");
    const messages = await page.evaluate(async () => {
      const model = window.lab.model!;
      const message = (promise: Promise<unknown>) =>
        promise.then(
          () => "none",
          (e: unknown) => {
            const { code, message } = e as { code: string; message: string };
            return `${code}: ${message}`;
          },
        );
      const hook = "blocks.0.hook_resid_post";
      return {
        empty: await message(model.runWithCache("", { prependBos: false })),
        id: await message(model.runWithCache([1, 99999])),
        name: await message(model.runWithCache("a", { names: ["blocks.0.hook_resid"] })),
        edit: await message(
          model.runWithCache("a", { edits: [{ hook, op: "add", value: new Float32Array(3) }] }),
        ),
        sampling: await message(model.generate("a", { topP: 2 })),
        long: (await model.runWithCache("word ".repeat(20_000), { names: [] })).tokens
          .truncatedFrom,
        surrogate: (await model.runWithCache("a\uD83D", { names: [] })).tokens.warnings,
        load: await message(window.lab.load("no-such/model/at-all")),
        still: (await model.runWithCache("The cat", { names: [] })).tokens.ids.length,
      };
    });
    expect(messages).toMatchObject({
      empty: expect.stringMatching(/^bad-input: the prompt is empty/),
      id: expect.stringMatching(/^bad-input: 99999 is no token id/),
      name: expect.stringMatching(/^bad-input: "blocks.0.hook_resid" is no hook point/),
      edit: expect.stringMatching(/^bad-input: .*blocks.0.hook_resid_post: .*Float32Array of 192/),
      sampling: expect.stringMatching(/^bad-input: topP .* got 2/),
      long: 20_002,
      surrogate: [expect.stringContaining("surrogate")],
      load: expect.stringMatching(/^bad-input: /),
      still: 3,
    });
  });

  test("a model can be loaded again and again, and one given up leaves the old one", async ({
    page,
  }) => {
    await open(page, "wasm");
    const seen = await page.evaluate(async () => {
      const ids = [1, 2, 3];
      const before = await window.lab.model!.runWithCache(ids, { names: [] });
      const abort = new AbortController();
      const given = window.lab.load("tinylab-gpt2-4l", { device: "wasm", signal: abort.signal });
      abort.abort();
      const outcome = await given.then(
        () => "loaded",
        (e: unknown) => (e as { code: string }).code,
      );
      const old = await window.lab.model!.runWithCache(ids, { names: [] });
      const first = window.lab.model;
      const model = await window.lab.load("tinylab-gpt2-4l", { device: "wasm" });
      const after = await model.runWithCache(ids, { names: [] });
      const same = (a: Float32Array, b: Float32Array) => a.every((v, i) => v === b[i]);
      return {
        outcome,
        kept: same(before.logits.data, old.logits.data),
        replaced: first !== model,
        equal: same(before.logits.data, after.logits.data),
      };
    });
    expect(seen).toEqual({ outcome: "cancelled", kept: true, replaced: true, equal: true });
  });
});

test.describe("software WebGPU", () => {
  test("every hook equals PyTorch, generation and edits run", async ({ page }) => {
    test.slow();
    const info = await open(page, "webgpu");
    expect(info.device).toBe("webgpu");
    expect(info.deviceReason).toMatch(/in software, as asked/);
    const { hooks, largest, at } = await compare(page, "p0");
    expect(hooks).toBe(60);
    expect(largest, at).toBeLessThanOrEqual(5e-4);
    const seen = await page.evaluate(async () => {
      const model = window.lab.model!;
      const hook = "blocks.2.hook_resid_pre";
      const options = { maxNewTokens: 3, temperature: 0 };
      const plain = await model.generate("Tom opened the", options);
      const edited = await model.generate("Tom opened the", {
        ...options,
        edits: [{ hook, op: "zero" }],
      });
      const ids = [5, 6, 7, 100];
      const inside = async (on: typeof model) => {
        const names = ["hook_embed", "blocks.1.attn.hook_attn_scores", "blocks.2.ln2.hook_scale"];
        const { value, gradients } = await on.gradients(ids, { kind: "logProb", token: 7 }, names);
        const kept = await on.keep(ids, ["blocks.1.attn.hook_result", "pattern0"]);
        const tensors = [
          ...gradients.values(),
          await kept.read("pattern0"),
          await kept.read("result1"),
        ];
        await kept.release();
        return [value, ...tensors.flatMap(({ data }) => [...data])];
      };
      const onGpu = await inside(model);
      await window.lab.load("tinylab-gpt2-4l", { device: "wasm" });
      const onCpu = window.lab.model!;
      const inCpu = await inside(onCpu);
      return {
        values: onGpu.length,
        apart: Math.max(...onGpu.map((v, i) => Math.abs(v - inCpu[i]!) / (1 + Math.abs(v)))),
        plain,
        edited,
        same: await onCpu.generate("Tom opened the", options),
        sameEdited: await onCpu.generate("Tom opened the", {
          ...options,
          edits: [{ hook, op: "zero" }],
        }),
      };
    });
    expect(seen.values).toBe(1 + 4 * 192 + 6 * 16 + 4 + 6 * 16 + 4 * 6 * 192);
    expect(seen.apart).toBeLessThan(1e-3);
    expect(seen.plain.tokens).toHaveLength(3);
    expect(seen.same).toEqual(seen.plain);
    expect(seen.sameEdited).toEqual(seen.edited);
  });

  test("a lost GPU: the lab says so, goes on in another worker, and makes the interrupted call there", async ({
    page,
    browser,
    expected,
  }) => {
    test.slow();
    expected(/onnxruntime|GPU|device|context/i); // what the runtime and Chromium say of their own accord
    await open(page, "webgpu");
    await (await browser.newBrowserCDPSession()).send("Browser.crashGpuProcess");
    const seen = await page.evaluate(async () => {
      const model = window.lab.model!;
      const { logits } = await model.runWithCache("a", { names: [] });
      return { dims: logits.dims, device: model.device, reason: model.info.deviceReason };
    });
    expect(seen.dims).toEqual([1, 2, 8192]);
    await expect(page.getByRole("status").filter({ hasText: "The GPU was lost" })).toBeVisible();
    // The GPU is tried once more; where it cannot be had, the chip says why the model runs on the processor.
    if (seen.device === "wasm") expect(seen.reason).toMatch(/the GPU was lost/);
    else expect(seen.reason).toMatch(/in software, as asked/);
  });
});
