/** OpenAI's autoencoders: what their own formulas give, computed in PyTorch, is what the import computes. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { ReadSae } from "../../../src/core/sae-import.ts";
import { hookOfOpenAiPath } from "../../../src/formats/torch/openai-sae.ts";
import { importTorchSae } from "../../../src/formats/torch/sae-torch.ts";
import { decode, encode } from "../../../src/math/sae.ts";
import { fuzz, mutateBytes } from "../../fuzz/mutate.ts";

const fixture = JSON.parse(
  readFileSync(new URL("../../fixtures/torch-files.json", import.meta.url), "utf8"),
) as {
  openai: Record<string, { file: string; f: number[][]; xHat: number[][] }>;
  broken: Record<string, string>;
  x: number[];
};
const bytesOf = (base64: string) => new Uint8Array(Buffer.from(base64, "base64"));
const SAID = { hook: "blocks.8.hook_resid_post", modelId: "openai-community/gpt2" };
const x = Float32Array.from(fixture.x);
const read = (bytes: Uint8Array, file = "8.pt") =>
  importTorchSae({ bytes, file, cfg: null }, SAID) as ReadSae;

describe("an autoencoder of OpenAI", () => {
  it.each(Object.keys(fixture.openai))("%s encodes and decodes as in PyTorch", (name) => {
    const { file, f: wantedF, xHat } = fixture.openai[name]!;
    const { config, weights } = read(bytesOf(file));
    expect(config).toMatchObject({ ...SAID, dIn: 3, dSae: 5, applyBDecToInput: true });
    const f = encode(x, weights, config);
    expect(f.some((v) => v > 0) && f.some((v) => v === 0)).toBe(true);
    wantedF.flat().forEach((v, i) => expect(f[i]).toBeCloseTo(v, 4));
    const rebuilt = decode(f, weights, config, x);
    xHat.flat().forEach((v, i) => expect(rebuilt[i]).toBeCloseTo(v, 4));
  });
  it("reads normalised activations where its kind does, and only there", () => {
    const normOf = (name: string) => read(bytesOf(fixture.openai[name]!.file)).config.normalize;
    expect(["TopK", "ReLU", "tied"].map(normOf)).toEqual(["layer_norm", undefined, undefined]);
    const { config, weights } = read(bytesOf(fixture.openai["TopK"]!.file));
    expect(() => decode(encode(x, weights, config), weights, config)).toThrow(/what it read/);
  });
  it("asks what it reads, and takes a hint from its path", () => {
    const bytes = bytesOf(fixture.openai["TopK"]!.file);
    const ask = (file: string) => importTorchSae({ bytes, file, cfg: null }, null);
    expect(ask("8.pt")).toEqual({
      question: { format: "OpenAI", file: "8.pt", dIn: 3, dSae: 5, hook: null, kinds: [] },
    });
    expect(ask("gpt2-small/resid_post_mlp_v5_32k/autoencoders/8.pt")).toMatchObject({
      question: { hook: "blocks.8.hook_resid_post" },
    });
  });
  it.each([
    ["gpt2-small/resid_delta_mlp_v4/autoencoders/11.pt", "blocks.11.hook_mlp_out"],
    ["resid_delta_attn_v5_128k/autoencoders/0.pt", "blocks.0.hook_attn_out"],
    ["resid_post_attn_v5_32k/autoencoders/3.pt", "blocks.3.hook_resid_mid"],
    ["mlp_post_act/layer_4/autoencoder.pt", "blocks.4.mlp.hook_post"],
    ["autoencoders/8.pt", null],
    ["resid_post_mlp/best.pt", null],
  ])("%s is at %s", (path, hook) => expect(hookOfOpenAiPath(path)).toBe(hook));
  it.each([
    [
      "sideways",
      /encoder\.weight is transposed: its shape is \[3, 5\], but latent_bias has 5 values/,
    ],
    ["narrow", /pre_bias is not 3 numbers/],
    ["leaky", /its activation is "LeakyReLU"; known are/],
    ["identity", /goes through "Identity"/],
    ["noK", /its k is missing/],
    ["dictionarySideways", /encoder\.weight is transposed/],
  ])("%s is refused, and says why", (name, why) => {
    expect(() => read(bytesOf(fixture.broken[name]!))).toThrow(why);
  });
  it("survives damage", () => {
    fuzz(500, 32, (random) => {
      const { config, weights } = read(mutateBytes(bytesOf(fixture.openai["TopK"]!.file), random));
      expect(weights.W_enc.length).toBe(config.dIn * config.dSae);
    });
  });
});
