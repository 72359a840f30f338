/** SAELens files: of thousands of damaged ones none crashes the import, and harmless changes change nothing. */
import { expect, it } from "vitest";
import type { SaeConfig } from "../../src/core/sae.ts";
import { exportSae, importSae } from "../../src/formats/sae-lens.ts";
import { fuzz, mutateBytes, mutateJson } from "../fuzz/mutate.ts";
import { spread } from "../fuzz/values.ts";

const config: SaeConfig = {
  variant: "topk",
  dIn: 3,
  dSae: 7,
  k: 2,
  hook: "blocks.1.hook_resid_post",
  modelId: "tinylab-gpt2-4l",
  applyBDecToInput: true,
  prependBos: true,
  contextSize: 64,
};
const weights = { W_enc: spread(21), W_dec: spread(21), b_enc: spread(7), b_dec: spread(3) };
const [cfg, file] = exportSae(config, weights).map(({ bytes }) => bytes) as [
  Uint8Array,
  Uint8Array,
];
const json = JSON.parse(new TextDecoder().decode(cfg)) as Record<string, unknown>;
const bytesOf = (text: string) => new TextEncoder().encode(text);

it("spoilt configurations", () => {
  const accepted = fuzz(3000, 11, (random) => {
    const read = importSae(bytesOf(mutateJson(json, random)), file);
    expect(read.config.dIn * read.config.dSae).toBe(read.weights.W_enc.length);
  });
  expect(accepted).toBeGreaterThan(100);
});

it("configurations of earlier versions, spoilt", () => {
  const { metadata, ...rest } = json;
  const flat = { ...rest, ...(metadata as object), activation_fn_kwargs: { k: 2 } };
  expect(importSae(bytesOf(JSON.stringify(flat)), file).config).toEqual(config);
  fuzz(1500, 12, (random) => void importSae(bytesOf(mutateJson(flat, random)), file));
});

it("damaged bytes in either file", () => {
  fuzz(3000, 13, (random) => {
    const inConfig = random() < 0.5;
    const { weights: read } = importSae(
      inConfig ? mutateBytes(cfg, random) : cfg,
      inConfig ? file : mutateBytes(file, random),
    );
    for (const values of Object.values(read) as Float32Array[]) {
      expect(values.every(Number.isFinite)).toBe(true);
    }
  });
});

it("unknown fields and another order of the known ones are nothing to stumble over", () => {
  const accepted = fuzz(200, 14, (random) => {
    const entries = [
      ...Object.entries(json),
      ["extra", { a: [1, null] }],
      ["neuronpedia_id", null],
    ];
    entries.sort(() => random() - 0.5);
    expect(importSae(bytesOf(JSON.stringify(Object.fromEntries(entries))), file)).toEqual({
      ...{ config, weights, name: null, notes: [], densities: null },
    });
  });
  expect(accepted).toBe(200);
});
