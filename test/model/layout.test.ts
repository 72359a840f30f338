import { describe, expect, it } from "vitest";
import { parseSafetensors } from "../../src/formats/safetensors.ts";
import { writeSafetensors } from "../../src/formats/safetensors-write.ts";
import { parseConfig } from "../../src/model/config.ts";
import { checkLayout, expectedShapes } from "../../src/model/layout.ts";
import { gpt2Weights, MINI, type WeightOptions } from "../fixtures/gpt2-weights.mjs";

const { config } = parseConfig(JSON.stringify({ model_type: "gpt2", bos_token_id: 599, ...MINI }));
const layoutOf = (options: WeightOptions, tied = true, given = config) => {
  const file = gpt2Weights(MINI, options);
  return checkLayout(parseSafetensors(file.read(0, file.size)), given, tied, "m.safetensors");
};

describe("checkLayout", () => {
  it("counts the parameters of a known model as its authors do", () => {
    const small = parseConfig('{"model_type":"gpt2"}').config;
    const sum = [...expectedShapes(small, true).values()].reduce(
      (n, shape) => n + shape.reduce((product, size) => product * size, 1),
      0,
    );
    expect(sum).toBe(124_439_808);
  });

  it.each([
    ["plain names", {}],
    ["names behind transformer.", { prefix: "transformer." }],
    ["mask buffers, which are passed over", { buffers: true }],
  ])("accepts %s", (_, options) => {
    const { tensors, tiedHead, parameters, weightBytes } = layoutOf(options);
    expect(tensors.size).toBe(2 + 3 * 12 + 2);
    expect(tensors.get("h.2.mlp.c_proj.weight")?.shape).toEqual([160, 40]);
    expect(tiedHead).toBe(true);
    expect(weightBytes).toBe(4 * parameters);
  });

  it("uses a head of its own only if the config says so and the file has it", () => {
    expect(layoutOf({ untied: true }, false).tiedHead).toBe(false);
    expect(layoutOf({ untied: true }, false).tensors.get("lm_head.weight")?.shape).toEqual([
      600, 40,
    ]);
    expect(layoutOf({ untied: true }, true).tiedHead).toBe(true);
    expect(layoutOf({}, false).tiedHead).toBe(true);
  });

  it("lists what is missing", () => {
    const omit = ["ln_f.bias", "h.1.attn.c_attn.weight"];
    expect(() => layoutOf({ omit })).toThrow(
      /m\.safetensors lacks 2 of the model's tensors: h\.1\.attn\.c_attn\.weight, ln_f\.bias\. It holds 38/,
    );
    const shallow = { ...config, n_layer: 9 };
    expect(() => layoutOf({}, true, shallow)).toThrow(/lacks 72 .*, … \(68 more\)/);
  });

  it("says which shape was expected", () => {
    expect(() => layoutOf({}, true, { ...config, n_inner: 161 })).toThrow(
      /"h\.0\.mlp\.c_fc\.weight" has shape \[40, 160\], but the config asks for \[40, 161\]/,
    );
  });

  it("refuses integers and names that stand twice", () => {
    const one = { dtype: "I32", shape: [600, 40], data: new Int32Array(24000) } as const;
    const integers = writeSafetensors([{ name: "wte.weight", ...one }]);
    expect(() => checkLayout(parseSafetensors(integers), config, true, "m")).toThrow(
      /"wte.weight" of m is stored as I32; Glassroom runs/,
    );
    const twice = writeSafetensors(
      ["wte.weight", "transformer.wte.weight"].map((name) => ({ name, ...one })),
    );
    expect(() => checkLayout(parseSafetensors(twice), config, true, "m")).toThrow(/holds both/);
  });
});
