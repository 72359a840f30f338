import { describe, expect, it } from "vitest";
import { createLab, toModelSource } from "../../src/api/lab.ts";
import { LabError } from "../../src/core/lab-error.ts";
import type { SaeSummary } from "../../src/core/sae.ts";
import type { ModelInfo } from "../../src/core/model-info.ts";
import type { LabClient } from "../../src/rpc/client.ts";
import type { LabApi, Method } from "../../src/rpc/contract.ts";
import type { RecoveryEvent } from "../../src/rpc/recover.ts";

/** A client whose answers are given by method; it remembers what it was asked. */
function fakeClient(answers: { [M in Method]?: (input: LabApi[M]["input"]) => unknown }) {
  const asked: { method: Method; input: unknown }[] = [];
  const client: LabClient = {
    call: async (method, input) => {
      asked.push({ method, input });
      const answer = answers[method] as ((input: unknown) => unknown) | undefined;
      if (!answer) throw new Error(`no answer for ${method}`);
      return answer(input) as never;
    },
  };
  return { client, asked };
}

const tokenizerJson = JSON.stringify({
  version: "1.0",
  added_tokens: [{ id: 3, content: "<|endoftext|>", special: true }],
  normalizer: null,
  pre_tokenizer: { type: "ByteLevel", add_prefix_space: false, use_regex: true },
  post_processor: null,
  decoder: { type: "ByteLevel" },
  model: { type: "BPE", vocab: { a: 0, b: 1, ab: 2, "<|endoftext|>": 3 }, merges: ["a b"] },
});
const info = {
  id: "tiny",
  device: "wasm",
  hooks: ["hook_embed", "blocks.0.attn.hook_result", "blocks.0.hook_resid_post"],
  config: { bos_token_id: 3 },
} as ModelInfo;
const loaded = { info, tokenizer: { json: tokenizerJson, config: "{}" } };

describe("toModelSource", () => {
  it.each([
    ["tinylab-gpt2-4l", { kind: "embedded", id: "tinylab-gpt2-4l" }],
    [" gpt2 ", { kind: "hub", id: "gpt2", revision: "main" }],
    ["openai-community/gpt2", { kind: "hub", id: "openai-community/gpt2", revision: "main" }],
    ["https://huggingface.co/a/b.c/", { kind: "hub", id: "a/b.c", revision: "main" }],
  ])("reads %j", (what, source) => expect(toModelSource(what)).toEqual(source));

  it.each([
    "",
    "a b",
    "https://example.org/gpt2",
    "hf.co/a/b/tree/x",
    "a/b/c",
    "../secret",
    "a/..",
  ])("refuses %j and says what an id looks like", (what) =>
    expect(() => toModelSource(what)).toThrow(/openai-community\/gpt2/),
  );
});

describe("lab", () => {
  it("has no model until one has loaded, and keeps the old one when a load fails", async () => {
    let fail = false;
    const { client } = fakeClient({
      "model.load": () => {
        if (fail) throw new Error("cut off");
        return loaded;
      },
    });
    const lab = createLab(client);
    expect(lab.model).toBeNull();
    const model = await lab.load("tinylab-gpt2-4l");
    fail = true;
    await expect(lab.load("gpt2")).rejects.toThrow("cut off");
    expect(lab.model).toBe(model);
  });

  it("refuses to answer for a model that is no longer on the bench", async () => {
    let kept = 0;
    const { client, asked } = fakeClient({
      "model.load": () => loaded,
      "model.weight": () => ({ data: new Float32Array(2), dims: [2] }),
      "model.runWithCache": () => ({
        tokens: [{ ids: [3], strings: ["<|endoftext|>"] }],
        logits: { data: new Float32Array(4), dims: [1, 1, 4] },
        cache: [],
      }),
      "kept.run": () => ({ id: ++kept, tokens: [], dims: [] }),
      "kept.release": () => null,
    });
    const recovery: ((event: RecoveryEvent) => void)[] = [];
    const lab = createLab({ ...client, onRecovery: (listener) => void recovery.push(listener) });
    const first = await lab.load("tinylab-gpt2-4l");
    const { cache } = await first.runWithCache("ab", { names: [] });
    const run = await first.keep("ab", ["embed"]);
    // The same model in another worker is the same model.
    const cause = new LabError("worker-crash", "gone");
    const again: ModelInfo = { ...info, device: "webgpu" };
    recovery.forEach((tell) => tell({ kind: "running", cause, info: again, repeated: [] }));
    expect([(await first.weight("x")).dims, first.device]).toEqual([[2], "webgpu"]);
    const second = await lab.load("gpt2");
    const asking = asked.length;
    const refused = { code: "not-found", message: /"tiny" is no longer on the bench: load it/ };
    await expect(first.weight("x")).rejects.toMatchObject(refused);
    await expect(cache.context.weight("x")).rejects.toMatchObject(refused);
    await expect(run.read("embed")).rejects.toMatchObject(refused);
    expect(asked.length).toBe(asking);
    await run.release(); // gives the memory back all the same
    expect((await second.weight("x")).dims).toEqual([2]);
  });

  it("refuses what is no model, an option or a device that there is not", async () => {
    const { client, asked } = fakeClient({});
    const lab = createLab(client);
    const load = (what: unknown, options?: unknown) => lab.load(what as never, options as never);
    await expect(load(undefined)).rejects.toThrow(
      /or a list of a checkpoint's files, not undefined/,
    );
    await expect(load([1, 2])).rejects.toThrow(/files, not a list/);
    await expect(lab.look(5 as never)).rejects.toThrow(/a model id is text/);
    await expect(load("gpt2", { devices: "wasm" })).rejects.toThrow(
      /load has no option "devices"; there are device, revision/,
    );
    await expect(load("gpt2", { device: "gpu" })).rejects.toThrow(
      /"device" is one of "auto", "webgpu", "wasm", not "gpu"/,
    );
    await expect(load("gpt2", { hub: "notaurl" })).rejects.toThrow(/"notaurl" is no address/);
    await expect(load("gpt2", null)).rejects.toThrow(/options of load are an object.*not null/);
    await expect(lab.sae.train(undefined as never)).rejects.toMatchObject({ code: "bad-input" });
    expect(asked).toEqual([]);
  });

  it("tokenises at once, with BOS unless told otherwise", async () => {
    const { client } = fakeClient({ "model.load": () => loaded });
    const model = await createLab(client).load("tinylab-gpt2-4l");
    expect(model.toTokens("aba")).toEqual([3, 2, 0]);
    expect(model.toTokens("aba", { prependBos: false })).toEqual([2, 0]);
    expect(model.toStrTokens([2, 1])).toEqual(["ab", "b"]);
    expect(model.toStrTokens("ab")).toEqual(["<|endoftext|>", "ab"]);
  });

  it("asks for hooks by name, shorthand, test, or for all, of one prompt or several", async () => {
    const one = { ids: [3, 2], strings: ["<|endoftext|>", "ab"] };
    const embed = { data: new Float32Array(4), dims: [1, 2, 2] };
    const answer = (count: number) => ({
      tokens: Array.from({ length: count }, () => one),
      logits: embed,
      cache: [["hook_embed", embed]],
    });
    const { client, asked } = fakeClient({
      "model.load": () => loaded,
      "model.runWithCache": ({ prompts }) => answer(prompts.length),
    });
    const model = await createLab(client).load("tinylab-gpt2-4l");
    const run = await model.runWithCache("ab");
    await model.runWithCache([2], { names: (name) => name.endsWith("post") });
    await model.runWithCache("ab", { names: ["embed"], prependBos: false });
    await model.runWithCache("ab", { names: ["resid_post", 0], basis: "tl" });
    const several = await model.runWithCache(["ab", [2, 3]], { names: [] });
    expect([...run.cache.keys()]).toEqual(["hook_embed"]);
    expect([run.tokens, run.basis, run.cache.get("embed")]).toEqual([one, "raw", embed]);
    expect([several.tokens.length, several.cache.lengths]).toEqual([2, [2, 2]]);
    const text = { text: "ab", prependBos: true };
    const raw = { edits: [], basis: "raw" };
    expect(asked.slice(1).map(({ input }) => input)).toEqual([
      { prompts: [text], names: ["hook_embed", "blocks.0.hook_resid_post"], ...raw },
      { prompts: [{ ids: [2] }], names: ["blocks.0.hook_resid_post"], ...raw },
      { prompts: [{ ...text, prependBos: false }], names: ["hook_embed"], ...raw },
      { prompts: [text], names: ["blocks.0.hook_resid_post"], edits: [], basis: "tl" },
      { prompts: [text, { ids: [2, 3] }], names: [], ...raw },
    ]);
    await expect(model.runWithCache("ab", { names: ["resid_pre"] })).rejects.toThrow(
      /"resid_pre" is no hook point of this model/,
    );
  });

  it("knows the id of a text that is one token, and asks for weights in a basis", async () => {
    const { client, asked } = fakeClient({
      "model.load": () => loaded,
      "model.weight": () => ({ data: new Float32Array(2), dims: [2] }),
    });
    const model = await createLab(client).load("tinylab-gpt2-4l");
    expect(model.toSingleToken("ab")).toBe(2);
    expect(() => model.toSingleToken("aba")).toThrow(/"aba" is 2 tokens \("ab", "a"\), not one/);
    expect((await model.weight("blocks.0.attn.b_O", { basis: "tl" })).dims).toEqual([2]);
    expect(asked.at(-1)!.input).toEqual({ name: "blocks.0.attn.b_O", basis: "tl" });
  });

  it("refuses what is no prompt, with a code", async () => {
    const { client } = fakeClient({ "model.load": () => loaded });
    const model = await createLab(client).load("tinylab-gpt2-4l");
    await expect(model.runWithCache(5 as never)).rejects.toMatchObject({ code: "bad-input" });
    await expect(model.generate(null as never)).rejects.toThrow(/list of token ids, not null/);
  });

  it("opens an SAE with its weights and checks what it is given", async () => {
    const summary = { id: "s1", name: "one", metrics: null } as SaeSummary;
    const config = { variant: "standard", dIn: 2, dSae: 3, k: null, applyBDecToInput: false };
    const weights = {
      W_enc: Float32Array.of(1, 0, -1, 0, 2, 0), // [2, 3]
      W_dec: Float32Array.of(1, 0, 0, 1, 1, 1), // [3, 2]
      b_enc: Float32Array.of(0, -1, 0),
      b_dec: Float32Array.of(0.5, 0),
    };
    const { client } = fakeClient({
      "sae.list": () => [summary],
      "sae.weights": () => ({ config, weights }),
    });
    const lab = createLab(client);
    await expect(lab.sae.load("s2")).rejects.toThrow(/"s2"/);
    const sae = await lab.sae.load("s1");
    const f = sae.encode(Float32Array.of(3, 1, -2, 0)); // pre: [3, 1, -3] and [-2, -1, 2]
    expect(f).toEqual({ data: Float32Array.of(3, 1, 0, 0, 0, 2), dims: [2, 3] });
    expect(sae.decode(f)).toEqual({ data: Float32Array.of(3.5, 1, 2.5, 2), dims: [2, 2] });
    expect(() => sae.encode(new Float32Array(3))).toThrow(/\[B, 2\], got 3/);
  });
});
