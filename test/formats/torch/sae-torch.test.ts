/** dictionary_learning's SAEs: what its own formulas give, computed in PyTorch, is what the import computes. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { importTorchSae } from "../../../src/formats/torch/sae-torch.ts";
import type { ReadSae, SaidOfSae } from "../../../src/core/sae-import.ts";
import { decode, encode } from "../../../src/math/sae.ts";
import { fuzz, mutateBytes, mutateJson } from "../../fuzz/mutate.ts";

interface Fixture {
  saes: Record<string, { file: string; f: number[][]; xHat: number[][] }>;
  x: number[];
}
const fixture = JSON.parse(
  readFileSync(new URL("../../fixtures/torch-files.json", import.meta.url), "utf8"),
) as Fixture;
const fileOf = (name: string) => new Uint8Array(Buffer.from(fixture.saes[name]!.file, "base64"));
const configOf = (dict_class: string, patch: object = {}) => ({
  trainer: {
    dict_class,
    layer: 3,
    submodule_name: "resid_post_layer_3",
    lm_name: "gpt2",
    ...patch,
  },
  buffer: { ctx_len: 64 },
});
const bytesOf = (json: unknown) => new TextEncoder().encode(JSON.stringify(json));
const readWith = (cfg: unknown, bytes: Uint8Array, said: SaidOfSae | null = null, file = "ae.pt") =>
  importTorchSae({ bytes, file, cfg: cfg === null ? null : bytesOf(cfg) }, said);
const readSae = (...args: Parameters<typeof readWith>): ReadSae => {
  const read = readWith(...args);
  if ("question" in read) throw new Error(`asks: ${JSON.stringify(read.question)}`);
  return read;
};
const read = (name: string, patch: object = {}) => readSae(configOf(name, patch), fileOf(name));

describe("an SAE of dictionary_learning", () => {
  it.each(Object.keys(fixture.saes))("%s encodes and decodes as in PyTorch", (name) => {
    const { config, weights } = read(name);
    expect(config).toMatchObject({
      ...{ dIn: 3, dSae: 5, hook: "blocks.3.hook_resid_post", modelId: "gpt2", contextSize: 64 },
    });
    const f = encode(Float32Array.from(fixture.x), weights, config);
    const { f: features, xHat } = fixture.saes[name]!;
    expect(f.some((v) => v > 0) && f.some((v) => v === 0)).toBe(true);
    features.flat().forEach((v, i) => expect(f[i]).toBeCloseTo(v, 4));
    const rebuilt = decode(f, weights, config);
    xHat.flat().forEach((v, i) => expect(rebuilt[i]).toBeCloseTo(v, 4));
    for (let row = 0; row < config.dSae; row++) {
      const w = weights.W_dec.subarray(row * 3, row * 3 + 3);
      expect(Math.hypot(...w)).toBeCloseTo(1, 5);
    }
  });

  it.each([["AutoEncoderTopK", { dict_class: "Other" }, /dict_class is "Other"/]])(
    "%s with %o is refused, and says why",
    (name, patch, why) => {
      expect(() => read(name, patch)).toThrow(why);
    },
  );

  it("without a config is asked for what it lacks, and read with what is said", () => {
    expect(
      readWith(null, fileOf("AutoEncoder"), null, "resid_post_layer_3/trainer_0/ae.pt"),
    ).toEqual({
      question: {
        ...{ format: "dictionary_learning", file: "resid_post_layer_3/trainer_0/ae.pt" },
        ...{ dIn: 3, dSae: 5, hook: "blocks.3.hook_resid_post", kinds: [] },
      },
    });
    // Tensors of these kinds have the same names: which it is must be said, too.
    expect(readWith(null, fileOf("BatchTopKSAE"))).toMatchObject({
      question: {
        hook: null,
        kinds: ["AutoEncoderTopK", "BatchTopKSAE", "MatryoshkaBatchTopKSAE"],
      },
    });
    const said = { hook: "blocks.2.hook_mlp_out", modelId: "tiny" };
    const plain = readSae(null, fileOf("AutoEncoder"), said);
    expect(plain.config).toEqual({ ...read("AutoEncoder").config, ...said, contextSize: 128 });
    expect(plain.weights).toEqual(read("AutoEncoder").weights);
    const kind = readSae(null, fileOf("BatchTopKSAE"), { ...said, kind: "BatchTopKSAE" });
    expect(kind.config.variant).toBe("jumprelu");
    expect(readWith(configOf("AutoEncoder", { layer: -1 }), fileOf("AutoEncoder"))).toMatchObject({
      question: { hook: null },
    });
  });

  it("of no known kind is named by what it holds", () => {
    const views = JSON.parse(
      readFileSync(new URL("../../fixtures/torch-files.json", import.meta.url), "utf8"),
    ) as { files: Record<string, string> };
    const bytes = new Uint8Array(Buffer.from(views.files["views"]!, "base64"));
    expect(() => readWith(configOf("AutoEncoder"), bytes)).toThrow(
      /holds "plain", "transposed".*no dictionary that is known here/,
    );
  });

  it("survives damage to either file", () => {
    const names = Object.keys(fixture.saes);
    fuzz(1500, 31, (random) => {
      const name = names[Math.floor(random() * names.length)]!;
      const whole = random() < 0.5;
      const cfg = whole
        ? new TextEncoder().encode(mutateJson(configOf(name), random))
        : bytesOf(configOf(name));
      const bytes = whole ? fileOf(name) : mutateBytes(fileOf(name), random);
      const outcome = importTorchSae({ bytes, file: "ae.pt", cfg }, null);
      if ("question" in outcome) {
        expect(outcome.question.dSae).toBeGreaterThan(0);
        return;
      }
      const { config, weights } = outcome;
      expect(weights.W_enc.length).toBe(config.dIn * config.dSae);
    });
  });
});
