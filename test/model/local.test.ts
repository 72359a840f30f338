import { describe, expect, it } from "vitest";
import type { LoadProgress } from "../../src/core/model-source.ts";
import { fromFiles } from "../../src/model/local.ts";
import { gpt2Files, MINI } from "../fixtures/gpt2-weights.mjs";

const made = gpt2Files(MINI);
const bytesOf = (name: string) => {
  const file = made[name]!;
  return new Uint8Array(file.read(0, file.size));
};
const file = (name: string, as = name) => new File([bytesOf(name)], as);
const all = ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"];

function load(files: File[], signal = new AbortController().signal) {
  const seen: LoadProgress[] = [];
  const context = {
    baseUrl: new URL("http://unused/"),
    signal,
    progress: (p: LoadProgress) => seen.push(p),
  };
  return Object.assign(fromFiles(files, context), { seen });
}

describe("a model from dropped files", () => {
  it("is loaded out of the files it needs, whatever else is dropped", async () => {
    const loading = load([new File(["x"], "README.md"), ...all.map((name) => file(name))]);
    const checkpoint = await loading;
    expect(checkpoint).toMatchObject({ source: "files", revision: null, commit: null });
    expect(checkpoint.id).toBe("local GPT-2, 3 × 40");
    expect(checkpoint.weights).toEqual([
      { name: "model.safetensors", data: bytesOf("model.safetensors") },
    ]);
    expect(loading.seen.at(-1)).toMatchObject({ file: "model.safetensors", phase: "weights" });
    expect(loading.seen.at(-1)!.loadedBytes).toBe(checkpoint.weights[0]!.data.length);
    const before = await checkpoint.readTensor("h.1.mlp.c_fc.weight");
    checkpoint.release();
    expect(await checkpoint.readTensor("h.1.mlp.c_fc.weight")).toEqual(before);
    expect(before.dims).toEqual([40, 160]);
  });

  it("takes its name from a weight file that has one", async () => {
    const files = [
      file("config.json"),
      file("model.safetensors", "bob.safetensors"),
      file("tokenizer.json"),
    ];
    expect((await load(files)).id).toBe("bob");
  });

  it.each([
    [[], /^config\.json and model\.safetensors and tokenizer\.json are missing \(given: nothing\)/],
    [
      ["config.json", "tokenizer.json"],
      /^model\.safetensors is missing \(given: config\.json, tok/,
    ],
    [["model.safetensors", "tokenizer.json"], /^config\.json is missing/],
    [
      ["config.json", "model.safetensors"],
      /^tokenizer\.json is missing .* Drop config\.json, model/,
    ],
  ])("names what is missing of %j", async (names, message) => {
    await expect(load(names.map((name) => file(name)))).rejects.toMatchObject({
      code: "bad-input",
      message: expect.stringMatching(message),
    });
  });

  it("refuses a choice of weights, but prefers the usual name", async () => {
    const [config, tokenizer] = [file("config.json"), file("tokenizer.json")];
    const parts = ["a.safetensors", "b.safetensors"].map((as) => file("model.safetensors", as));
    await expect(load([config, tokenizer, ...parts])).rejects.toThrow(
      /there are 2 weight files \(a\.safetensors, b\.safetensors\)/,
    );
    const checkpoint = await load([config, tokenizer, ...parts, file("model.safetensors")]);
    expect(checkpoint.id).toMatch(/^local/);
  });

  it("refuses broken files with their names", async () => {
    const cut = new File([bytesOf("model.safetensors").subarray(0, -1)], "mine.safetensors");
    const [config, tokenizer] = [file("config.json"), file("tokenizer.json")];
    await expect(load([config, tokenizer, cut])).rejects.toThrow(/mine\.safetensors .* is cut off/);
    const empty = new File([], "mine.safetensors");
    await expect(load([config, tokenizer, empty])).rejects.toThrow(/has 0 bytes, too few/);
    const llama = new File(['{"model_type":"llama"}'], "config.json");
    await expect(load([llama, tokenizer, file("model.safetensors")])).rejects.toThrow(/"llama"/);
  });

  it("stops when it is cancelled", async () => {
    const abort = new AbortController();
    abort.abort();
    const files = all.map((name) => file(name));
    await expect(load(files, abort.signal)).rejects.toMatchObject({ code: "cancelled" });
  });
});
