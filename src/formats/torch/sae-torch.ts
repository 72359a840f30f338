/**
 * SAEs as PyTorch state dicts: `ae.pt` of dictionary_learning with its `config.json`. Their linear layers hold [out, in], so
 * encoder and decoder are transposed; latents whose decoder rows are not of norm 1 are rescaled so that they are.
 * Source: dictionary_learning, dictionary.py and trainers/top_k.py, batch_top_k.py (names of tensors, formulas).
 */
import { LabError } from "../../core/lab-error.ts";
import { quoted, quotedShape } from "../../core/quoted.ts";
import type { SaeConfig, SaeWeights } from "../../core/sae.ts";
import { readTorchFile, TorchTensor } from "./torch-file.ts";

export interface ImportedSae {
  config: SaeConfig;
  weights: SaeWeights;
}
type Facts = Pick<SaeConfig, "hook" | "modelId" | "contextSize">;

/** @throws LabError "bad-file" for broken files; "unsupported" for a dictionary of another kind, or an unknown place */
export function importTorchSae(cfg: Uint8Array, bytes: Uint8Array, file: string): ImportedSae {
  const { trainer, buffer } = readConfig(cfg);
  const state = readTorchFile(bytes, file);
  if (!(state instanceof Map)) throw bad(file, "it holds no dictionary of tensors");
  const names = [...state.keys()].filter((name) => typeof name === "string");
  const has = (...wanted: string[]) => wanted.every((name) => names.includes(name));
  const vector = (name: string, length: number): Float32Array => {
    const tensor: unknown = state.get(name);
    if (!(tensor instanceof TorchTensor) || tensor.shape.join() !== String(length)) {
      throw bad(file, `${name} is not ${length} numbers`);
    }
    return finite(tensor.floats(), name, file);
  };
  const scalar = (name: string): number => {
    const tensor: unknown = state.get(name);
    const value = tensor instanceof TorchTensor ? tensor.floats() : [];
    if (value.length !== 1) throw bad(file, `${name} is not one number`);
    return value[0]!;
  };
  const facts = factsOf(trainer, buffer);
  if (has("W_enc", "b_enc", "W_dec", "b_dec", "threshold")) {
    const [dIn, dSae] = shapeOf(state.get("W_enc"), "W_enc", file);
    const shape = { dIn, dSae };
    const read = (name: string, rows: number, columns: number) =>
      matrix(state.get(name), name, [rows, columns], file);
    const weights = {
      W_enc: read("W_enc", dIn, dSae),
      W_dec: read("W_dec", dSae, dIn),
      b_enc: vector("b_enc", dSae),
      b_dec: vector("b_dec", dIn),
      threshold: vector("threshold", dSae),
    };
    const config: SaeConfig = {
      variant: "jumprelu",
      applyBDecToInput: false,
      prependBos: true,
      ...shape,
      ...facts,
    };
    return { config, weights: unitRows(weights, shape) };
  }
  if (!has("encoder.weight", "decoder.weight")) {
    throw new LabError(
      "unsupported",
      `${file} holds ${names.slice(0, 8).map(quoted).join(", ")}: no dictionary that is known here`,
    );
  }
  const [dSae, dIn] = shapeOf(state.get("encoder.weight"), "encoder.weight", file);
  const shape = { dIn, dSae };
  const W_enc = transposed(
    matrix(state.get("encoder.weight"), "encoder.weight", [dSae, dIn], file),
    dSae,
  );
  const W_dec = transposed(
    matrix(state.get("decoder.weight"), "decoder.weight", [dIn, dSae], file),
    dIn,
  );
  const base = { prependBos: true, ...shape, ...facts };
  if (has("decoder_bias", "r_mag", "gate_bias", "mag_bias")) {
    const weights = {
      ...{ W_enc, W_dec, b_enc: vector("gate_bias", dSae), b_dec: vector("decoder_bias", dIn) },
      ...{ r_mag: vector("r_mag", dSae), b_mag: vector("mag_bias", dSae) },
    };
    return {
      config: { variant: "gated", applyBDecToInput: true, ...base },
      weights: unitRows(weights, shape),
    };
  }
  if (has("b_dec", "encoder.bias", "k")) {
    const weights = {
      W_enc,
      W_dec,
      b_enc: vector("encoder.bias", dSae),
      b_dec: vector("b_dec", dIn),
    };
    const kind = trainer["dict_class"];
    if (kind === "AutoEncoderTopK") {
      return {
        config: { variant: "topk", k: scalar("k"), applyBDecToInput: true, ...base },
        weights,
      };
    }
    if (kind === "BatchTopKSAE" || kind === "MatryoshkaBatchTopKSAE") {
      const level = scalar("threshold");
      if (!(level >= 0))
        throw bad(file, `its threshold is ${level}: it was not trained long enough`);
      const threshold = new Float32Array(dSae).fill(level);
      return {
        config: { variant: "jumprelu", applyBDecToInput: true, ...base },
        weights: { ...weights, threshold },
      };
    }
    throw new LabError(
      "unsupported",
      `config.json does not say which kind of dictionary it is: trainer.dict_class is ${quoted(kind)}, ` +
        'known here are "AutoEncoderTopK", "BatchTopKSAE" and "MatryoshkaBatchTopKSAE"',
    );
  }
  const b_enc = vector("encoder.bias", dSae);
  const own = has("bias");
  return {
    config: { variant: "standard", applyBDecToInput: own, ...base },
    weights: { W_enc, W_dec, b_enc, b_dec: vector(own ? "bias" : "decoder.bias", dIn) },
  };
}

/** Latents rescaled by their decoder norms, which becomes 1: f·n, x̂ unchanged. A latent without a direction stays as it is. */
function unitRows(weights: SaeWeights, { dIn, dSae }: Pick<SaeConfig, "dIn" | "dSae">): SaeWeights {
  const norms = Float64Array.from({ length: dSae }, (_, f) => {
    const row = weights.W_dec.subarray(f * dIn, (f + 1) * dIn);
    return Math.sqrt(row.reduce((sum, v) => sum + v * v, 0)) || 1;
  });
  const scaled = (values: Float32Array) => values.map((v, f) => v * norms[f]!);
  const W_dec = weights.W_dec.map((v, i) => v / norms[Math.floor(i / dIn)]!);
  const { r_mag, b_mag, threshold } = weights;
  if (r_mag && b_mag) {
    // The gate stays: only the magnitudes grow.
    return {
      ...weights,
      W_dec,
      r_mag: r_mag.map((r, f) => r + Math.log(norms[f]!)),
      b_mag: scaled(b_mag),
    };
  }
  return {
    ...{ ...weights, W_dec, W_enc: weights.W_enc.map((v, i) => v * norms[i % dSae]!) },
    b_enc: scaled(weights.b_enc),
    ...(threshold && { threshold: scaled(threshold) }),
  };
}

function shapeOf(tensor: unknown, name: string, file: string): [number, number] {
  const shape = tensor instanceof TorchTensor ? tensor.shape : [];
  const [rows, columns] = shape;
  if (shape.length === 2 && rows! > 0 && columns! > 0) return [rows!, columns!];
  throw bad(file, `${name} has shape ${quotedShape(shape)}, not two sizes above 0`);
}
function matrix(
  tensor: unknown,
  name: string,
  shape: [number, number],
  file: string,
): Float32Array {
  const found = shapeOf(tensor, name, file);
  if (found.join() === shape.join()) return finite((tensor as TorchTensor).floats(), name, file);
  throw bad(file, `${name} has shape ${quotedShape(found)}, the others need ${quotedShape(shape)}`);
}
function finite(values: Float32Array, name: string, file: string): Float32Array {
  const at = values.findIndex((v) => !Number.isFinite(v));
  if (at < 0) return values;
  throw bad(file, `value ${at} of ${name} is ${values[at]}`);
}

/** [R, C] → [C, R] */
function transposed(x: Float32Array, R: number): Float32Array {
  const C = x.length / R;
  return x.map((_, i) => x[(i % R) * C + Math.floor(i / R)]!);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function readConfig(cfg: Uint8Array) {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(cfg));
  } catch (cause) {
    throw new LabError("bad-file", "config.json cannot be read: it is no JSON text", { cause });
  }
  const trainer = isObject(json) ? json["trainer"] : undefined;
  if (!isObject(json) || !isObject(trainer)) {
    throw new LabError(
      "bad-file",
      'config.json cannot be read: it has no "trainer", as dictionary_learning writes it',
    );
  }
  return { trainer, buffer: isObject(json["buffer"]) ? json["buffer"] : {} };
}

const PLACES: readonly [form: RegExp, site: string][] = [
  [/resid_?pre/, "hook_resid_pre"],
  [/resid_?mid/, "hook_resid_mid"],
  [/resid/, "hook_resid_post"],
  [/mlp/, "hook_mlp_out"],
  [/att/, "hook_attn_out"],
];

/** Which activations it reads: `layer` and what `submodule_name` says ("resid_post_layer_3", "mlp_out", …). */
function factsOf(trainer: Record<string, unknown>, buffer: Record<string, unknown>): Facts {
  const { layer, submodule_name, lm_name } = trainer;
  const place = PLACES.find(
    ([form]) => typeof submodule_name === "string" && form.test(submodule_name),
  );
  if (!place || !Number.isInteger(layer) || (layer as number) < 0) {
    throw new LabError(
      "unsupported",
      `config.json does not say what it reads: trainer.layer is ${quoted(layer)}, trainer.submodule_name ${quoted(submodule_name)}. ` +
        'Write them there, as in 3 and "resid_post_layer_3"',
    );
  }
  const size = buffer["ctx_len"];
  return {
    hook: `blocks.${layer as number}.${place[1]}`,
    modelId: typeof lm_name === "string" && lm_name.length < 200 ? lm_name : "unknown",
    contextSize: Number.isInteger(size) && (size as number) > 0 ? (size as number) : 128,
  };
}

const bad = (file: string, why: string) =>
  new LabError("bad-file", `${file} cannot be read: ${why}`);
