import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LabError } from "../../src/core/lab-error.ts";
import type { SaeConfig, SaeWeights } from "../../src/core/sae.ts";
import { exportSae, importSae } from "../../src/formats/sae-lens.ts";
import { parseSafetensors, entryOf, readFloats } from "../../src/formats/safetensors.ts";
import { writeSafetensors } from "../../src/formats/safetensors-write.ts";
import { decode, encode } from "../../src/math/sae.ts";
import { keyedRandom, normal } from "../../src/math/keyed-random.ts";

const D = 4;
const F = 6;
const random = keyedRandom(8);
const numbers = (n: number) => Float32Array.from({ length: n }, () => normal(random));
const weights: SaeWeights = {
  W_enc: numbers(D * F),
  W_dec: numbers(F * D),
  b_enc: numbers(F),
  b_dec: numbers(D),
};
const facts = {
  dIn: D,
  dSae: F,
  hook: "blocks.1.hook_resid_post",
  modelId: "openai-community/gpt2",
  applyBDecToInput: false,
  prependBos: true,
  contextSize: 64,
};
/** Of files that say nothing more. */
const PLAIN = { name: null, notes: [], densities: null };
const config: SaeConfig = { ...facts, variant: "topk", k: 2 };
const [cfgFile, weightFile] = exportSae(config, weights) as [
  { name: string; bytes: Uint8Array },
  { name: string; bytes: Uint8Array },
];
const cfg = JSON.parse(new TextDecoder().decode(cfgFile.bytes)) as Record<string, unknown>;
const bytesOf = (json: unknown) => new TextEncoder().encode(JSON.stringify(json));
const withCfg = (change: Record<string, unknown>) =>
  importSae(bytesOf({ ...cfg, ...change }), weightFile.bytes);

describe("export", () => {
  it("writes SAELens's files, names and orientation", () => {
    expect([cfgFile.name, weightFile.name]).toEqual(["cfg.json", "sae_weights.safetensors"]);
    const header = parseSafetensors(weightFile.bytes);
    const shapes = Object.fromEntries(
      [...header.tensors].map(([name, { shape }]) => [name, shape]),
    );
    expect(shapes).toEqual({ W_enc: [D, F], W_dec: [F, D], b_enc: [F], b_dec: [D] });
    expect(readFloats(weightFile.bytes, entryOf(header, "W_dec"))).toEqual(weights.W_dec);
    expect(cfg).toMatchObject({
      architecture: "topk",
      d_in: D,
      d_sae: F,
      k: 2,
      dtype: "float32",
      normalize_activations: "none",
      apply_b_dec_to_input: false,
      metadata: { model_name: "gpt2", hook_name: config.hook, prepend_bos: true, context_size: 64 },
    });
  });
  it("and import give the same SAE, the same encodings bit for bit", () => {
    const back = importSae(cfgFile.bytes, weightFile.bytes);
    expect(back).toEqual({ config, weights, ...PLAIN });
    const x = numbers(5 * D);
    expect(encode(x, back.weights, back.config)).toEqual(encode(x, weights, config));
    const standard: SaeConfig = { ...facts, variant: "standard" };
    const [c, w] = exportSae(standard, weights);
    expect(importSae(c!.bytes, w!.bytes)).toEqual({ config: standard, weights, ...PLAIN });
  });
});

describe.each([
  ["jumprelu", { threshold: numbers(F) }, ["W_dec", "W_enc", "b_dec", "b_enc", "threshold"]],
  [
    "gated",
    { r_mag: numbers(F), b_mag: numbers(F) },
    ["W_dec", "W_enc", "b_dec", "b_gate", "b_mag", "r_mag"],
  ],
] as const)("a %s SAE", (variant, own, names) => {
  const mine: SaeConfig = { ...facts, variant };
  const all: SaeWeights = { ...weights, ...own };
  const files = exportSae(mine, all).map(({ bytes }) => bytes) as [Uint8Array, Uint8Array];
  it("has SAELens's tensors, and no others", () => {
    expect([...parseSafetensors(files[1]).tensors.keys()].sort()).toEqual(names);
    expect(JSON.parse(new TextDecoder().decode(files[0]))).toMatchObject({ architecture: variant });
  });
  it("comes back as it was, and computes the same bit for bit", () => {
    const back = importSae(...files);
    expect(back).toEqual({ config: mine, weights: all, ...PLAIN });
    const x = numbers(5 * D);
    expect(encode(x, back.weights, back.config)).toEqual(encode(x, all, mine));
  });
  it("computes what SAELens computes, by hand", () => {
    const x = numbers(3 * D);
    const header = parseSafetensors(files[1]);
    const of = (name: string) => readFloats(files[1], entryOf(header, name));
    const through = (b: number, f: number) =>
      x.subarray(b * D, (b + 1) * D).reduce((sum, v, d) => sum + v * of("W_enc")[d * F + f]!, 0);
    encode(x, all, mine).forEach((value, i) => {
      const [b, f] = [Math.floor(i / F), i % F];
      let wanted: number;
      if (variant === "jumprelu") {
        const pre = through(b, f) + of("b_enc")[f]!;
        wanted = Math.max(pre, 0) * (pre > of("threshold")[f]! ? 1 : 0);
      } else {
        const active = through(b, f) + of("b_gate")[f]! > 0 ? 1 : 0;
        const magnitude = through(b, f) * Math.exp(of("r_mag")[f]!) + of("b_mag")[f]!;
        wanted = active * Math.max(magnitude, 0);
      }
      expect(value).toBeCloseTo(wanted, 5);
    });
  });
});

describe("import", () => {
  it("reads the flat form of earlier versions, with their defaults", () => {
    const old = {
      model_name: "gpt2-small",
      hook_point: "blocks.8.hook_resid_pre",
      d_in: D,
      d_sae: F,
      normalize_activations: "none",
    };
    expect(importSae(bytesOf(old), weightFile.bytes).config).toEqual({
      variant: "standard",
      dIn: D,
      dSae: F,
      hook: "blocks.8.hook_resid_pre",
      modelId: "openai-community/gpt2",
      applyBDecToInput: true,
      prependBos: true,
      contextSize: 128,
      normalize: "centre",
    });
    const topk = { ...old, activation_fn_str: "topk", activation_fn_kwargs: { k: 3 } };
    expect(importSae(bytesOf(topk), weightFile.bytes).config).toMatchObject({
      variant: "topk",
      k: 3,
    });
  });
  it("brings activations rescaled by decoder norms into our form", () => {
    const x = numbers(3 * D);
    const { config: c, weights: w } = withCfg({ rescale_acts_by_decoder_norm: true });
    const f = encode(x, w, c);
    // SAELens: pre · ‖W_dec‖, top k, ReLU; decoding divides by ‖W_dec‖ again.
    const norms = Array.from({ length: F }, (_, j) =>
      Math.hypot(...weights.W_dec.subarray(j * D, (j + 1) * D)),
    );
    const all = encode(x, weights, { ...config, variant: "standard" });
    f.forEach((value, i) => value > 0 && expect(value).toBeCloseTo(all[i]! * norms[i % F]!, 4));
    const unscaled = f.map((v, i) => v / norms[i % F]!);
    decode(f, w, c).forEach((v, i) =>
      expect(v).toBeCloseTo(decode(unscaled, weights, config)[i]!, 4),
    );
  });
  it("keeps its name through an export, where SAELens does not look", () => {
    const [c, w] = exportSae(config, weights, "words of “time”");
    const written = JSON.parse(new TextDecoder().decode(c!.bytes)) as typeof cfg;
    expect(written["metadata"]).toMatchObject({ glassroom: { name: "words of “time”" } });
    expect(importSae(c!.bytes, w!.bytes).name).toBe("words of “time”");
  });
  it.each(["layer_norm", "constant_norm_rescale", "centre"] as const)(
    "says that it reads activations after %s, and reads that again",
    (normalize) => {
      const mine: SaeConfig = { ...config, normalize };
      const [c, w] = exportSae(mine, weights);
      const written = JSON.parse(new TextDecoder().decode(c!.bytes)) as typeof cfg;
      expect(written["normalize_activations"]).toBe(normalize === "centre" ? "none" : normalize);
      expect(written["metadata"]).toMatchObject({
        model_from_pretrained_kwargs: { center_writing_weights: normalize === "centre" },
      });
      expect(importSae(c!.bytes, w!.bytes).config).toEqual(mine);
    },
  );
  it("centres where TransformerLens did, and not where it could not be seen", () => {
    const old = { model_name: "gpt2-small", d_in: D, expansion_factor: F / D };
    const at = (hook: string, more: object = {}) =>
      importSae(bytesOf({ ...old, hook_point: hook, ...more }), weightFile.bytes);
    const early = at("blocks.8.hook_resid_pre");
    expect(early.config).toMatchObject({ normalize: "centre", dSae: F });
    expect(early.notes.join()).toMatch(/centred weights \(as TransformerLens loads/);
    expect(at("blocks.8.attn.hook_z").config.normalize).toBeUndefined();
    const kwargs = { model_from_pretrained_kwargs: { center_writing_weights: false } };
    expect(at("blocks.8.hook_resid_pre", kwargs).config.normalize).toBeUndefined();
    expect(at("blocks.8.hook_resid_pre", { sae_lens_version: "3.1.0" }).notes).toEqual([]);
  });
  it("takes a finetuned scale into the decoder", () => {
    const factor = numbers(F).map(Math.abs);
    const tensors = Object.entries({ ...weights, finetuning_scaling_factor: factor }).map(
      ([name, data]) => ({
        ...{ name, data, dtype: "F32" as const },
        shape: name === "W_enc" ? [D, F] : name === "W_dec" ? [F, D] : [data.length],
      }),
    );
    const file = writeSafetensors(tensors);
    const back = importSae(bytesOf({ ...cfg, finetuning_scaling_factor: true }), file);
    const x = numbers(2 * D);
    const f = encode(x, back.weights, back.config);
    expect(f).toEqual(encode(x, weights, config)); // what fires stays
    const wanted = decode(
      f.map((v, i) => v * factor[i % F]!),
      weights,
      config,
    ); // SAELens's decode
    decode(f, back.weights, back.config).forEach((v, i) => expect(v).toBeCloseTo(wanted[i]!, 5));
  });
  const sparsity = (values: number[]) =>
    writeSafetensors([
      { name: "sparsity", dtype: "F32", shape: [values.length], data: Float32Array.from(values) },
    ]);
  it("reads how often features fired where it was trained, as logarithms or as shares", () => {
    const read = (values: number[]) =>
      importSae(cfgFile.bytes, weightFile.bytes, sparsity(values)).densities!;
    const logs = read([-10, -1, -3, -3, -7.5, 0]);
    expect(logs).toMatchObject({ first: -7, width: 0.25, silent: 1 });
    const filled = (counts: readonly number[]) =>
      counts.flatMap((n, i) => (n > 0 ? [[-7 + i / 4, n]] : []));
    expect(filled(logs.counts)).toEqual([[-7, 1], [-3, 2], [-1, 1], [-0.25, 1]]); // prettier-ignore
    expect(read([0, 0.1, 0.001, 0.001, 10 ** -7.5, 1])).toEqual(logs);
  });
  it("does without how often they fired if that file is broken, and says so", () => {
    const reads = (file: Uint8Array, why: RegExp) => {
      const { densities, notes, weights: own } = importSae(cfgFile.bytes, weightFile.bytes, file);
      expect(densities).toBeNull();
      expect(notes).toEqual([expect.stringMatching(/^Imported without the densities/)]);
      expect(notes[0]).toMatch(why);
      expect(own.W_enc).toEqual(weights.W_enc);
    };
    reads(sparsity([-1, -2]), /2 values, d_sae is 6/);
    reads(sparsity([0.5, -1, 0, 0, 0, 0]), /value 1 is -1/);
    reads(sparsity([NaN, -1, 0, 0, 0, 0]), /value 0 is NaN/);
    reads(sparsity([-1, -2]).subarray(0, 60), /sparsity\.safetensors/);
  });
  it("says it of weights that are transposed, or only a pointer to them", () => {
    const tensor = (name: string, shape: number[]) => {
      const data = new Float32Array(shape.reduce((a, b) => a * b));
      return { name, dtype: "F32" as const, shape, data };
    };
    const file = writeSafetensors([
      ...[tensor("W_enc", [F, D]), tensor("W_dec", [D, F])],
      ...[tensor("b_enc", [F]), tensor("b_dec", [D])],
    ]);
    expect(() => importSae(cfgFile.bytes, file)).toThrow(
      /W_enc is transposed: it has shape \[6, 4\]/,
    );
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${"0".repeat(64)}\nsize 9\n`;
    expect(() => importSae(cfgFile.bytes, new TextEncoder().encode(pointer))).toThrow(/Git LFS/);
  });
  it("reads float16 weights", () => {
    const half = writeSafetensors([
      { name: "W_enc", dtype: "F16", shape: [D, F], data: weights.W_enc },
      { name: "W_dec", dtype: "F16", shape: [F, D], data: weights.W_dec },
      { name: "b_enc", dtype: "F16", shape: [F], data: weights.b_enc },
      { name: "b_dec", dtype: "F16", shape: [D], data: weights.b_dec },
    ]);
    const back = importSae(cfgFile.bytes, half).weights;
    back.W_enc.forEach((v, i) => expect(v).toBeCloseTo(weights.W_enc[i]!, 2));
  });
  it.each([
    ["another architecture", { architecture: "temporal" }, "unsupported", /"temporal"/],
    [
      "a way to train",
      { architecture: "batchtopk" },
      "unsupported",
      /"batchtopk"; SAELens saves a trained one as jumprelu/,
    ],
    ["missing thresholds", { architecture: "jumprelu" }, "bad-file", /no tensor "threshold"/],
    ["a missing gate", { architecture: "gated" }, "bad-file", /no tensor "b_gate"/],
    [
      "unfolded scaling",
      { normalize_activations: "expected_average_only_in" },
      "unsupported",
      /expected_average/,
    ],
    [
      "scaling under its first name",
      { normalize_activations: true },
      "unsupported",
      /is true: its/,
    ],
    ["another activation", { activation_fn_str: "tanh-relu" }, "unsupported", /"tanh-relu"/],
    ["a norm of its own", { normalize_activations: "l2" }, "unsupported", /is "l2"/],
    ["one head under its old name", { hook_point_head_index: 3 }, "unsupported", /index 3/],
    ["one head", { hook_head_index: 3 }, "unsupported", /hook_head_index 3/],
    ["a wrong width", { d_sae: F + 1 }, "bad-file", /W_enc has shape \[4, 6\]/],
    ["no width", { d_in: undefined }, "bad-file", /d_in is missing/],
    ["k too large", { k: 7 }, "bad-file", /k is 7, more than d_sae 6/],
    ["no k", { k: undefined }, "bad-file", /k is missing/],
    [
      "a flag that is none",
      { apply_b_dec_to_input: "yes" },
      "bad-file",
      /apply_b_dec_to_input is "yes"/,
    ],
    ["no hook", { metadata: {} }, "bad-file", /hook_name is missing/],
  ])("refuses %s", (_, change, code, message) => {
    expect(() => withCfg(change)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) as string }),
    );
  });
  it.each([
    ["layer_norm", /transcoder of normalised activations \(layer_norm\)/, {}],
    ["constant_norm_rescale", /transcoder of normalised activations \(constant_norm_rescale\)/, {}],
    ["none", /writes to one head \(hook_head_index_out 3\)/, { hook_head_index_out: 3 }],
    ["none", /b_dec is what a transcoder writes/, { apply_b_dec_to_input: true }],
  ])("refuses a transcoder that reads otherwise than ours do: %s, %s", (norm, message, more) => {
    const transcoder = {
      ...{ architecture: "transcoder", k: undefined, apply_b_dec_to_input: false, d_out: D },
      normalize_activations: norm,
      metadata: {
        ...(cfg["metadata"] as object),
        ...{ hook_name: "blocks.1.ln2.hook_normalized", hook_name_out: "blocks.1.hook_mlp_out" },
      },
    };
    expect(withCfg({ ...transcoder, normalize_activations: "none" }).config).toMatchObject({
      ...{ hook: "blocks.1.ln2.hook_normalized", out: { hook: "blocks.1.hook_mlp_out", width: D } },
    });
    expect(() => withCfg({ ...transcoder, ...more })).toThrow(message);
  });
  it("refuses weights that are missing or not finite", () => {
    const only = writeSafetensors([
      { name: "W_enc", dtype: "F32", shape: [D, F], data: weights.W_enc },
    ]);
    expect(() => importSae(cfgFile.bytes, only)).toThrow(/no tensor "W_dec"; it has W_enc/);
    const broken = exportSae(config, { ...weights, b_enc: weights.b_enc.with(2, Number.NaN) })[1]!;
    expect(() => importSae(cfgFile.bytes, broken.bytes)).toThrow(/value 2 of b_enc is NaN/);
  });
  it("never throws anything but a LabError, whatever the bytes", () => {
    const tryTo = (c: Uint8Array, w: Uint8Array) => {
      try {
        importSae(c, w);
      } catch (e) {
        expect(e).toBeInstanceOf(LabError);
        expect((e as LabError).code).toMatch(/bad-file|unsupported/);
      }
    };
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(), fc.nat(255), (noise, at, byte) => {
        tryTo(noise, weightFile.bytes);
        tryTo(cfgFile.bytes, noise);
        tryTo(cfgFile.bytes, weightFile.bytes.slice(0, at % weightFile.bytes.length));
        tryTo(cfgFile.bytes.with(at % cfgFile.bytes.length, byte), weightFile.bytes);
        tryTo(cfgFile.bytes, weightFile.bytes.with(at % weightFile.bytes.length, byte));
      }),
    );
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...Object.keys(cfg)), fc.jsonValue()), (change) => {
        tryTo(bytesOf({ ...cfg, ...change }), weightFile.bytes);
      }),
    );
  });
});
