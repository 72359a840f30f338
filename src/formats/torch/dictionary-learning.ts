/**
 * SAEs of dictionary_learning: `ae.pt`, a state dict, and its `config.json`. Linear layers hold [out, in], so encoder and
 * decoder are transposed; latents whose decoder rows are not of norm 1 are rescaled so that they are.
 * Source: dictionary_learning, dictionary.py and trainers/top_k.py, batch_top_k.py, matryoshka_batch_top_k.py (names of
 * tensors, formulas).
 */
import { LabError } from "../../core/lab-error.ts";
import { quoted } from "../../core/quoted.ts";
import { DICTIONARY_KINDS, type DictionaryKind, type SaidOfSae } from "../../core/sae-import.ts";
import type { SaeConfig, SaeFacts, SaeWeights } from "../../core/sae.ts";
import { foldDecoderNorms } from "../../math/sae.ts";
import { badFile, type StateDict } from "./state-dict.ts";

export const isDictionary = (state: StateDict): boolean =>
  state.has("W_enc", "b_enc", "W_dec", "b_dec", "threshold") ||
  state.has("encoder.weight", "decoder.weight");

/** Width and number of latents. */
export function dictionaryShape(state: StateDict): { dIn: number; dSae: number } {
  if (state.has("W_enc")) {
    const [dIn, dSae] = state.shapeWith("W_enc", "b_enc", 1);
    return { dIn, dSae };
  }
  const bias = state.has("gate_bias") ? "gate_bias" : "encoder.bias";
  const [dSae, dIn] = state.shapeWith("encoder.weight", bias, 0);
  return { dIn, dSae };
}

/** Whether only its config says which kind it is. */
export const needsKind = (state: StateDict): boolean => state.has("b_dec", "encoder.bias", "k");

/** @throws LabError "bad-file" for broken tensors; "unsupported" for a dictionary of an unknown kind */
export function readDictionary(
  state: StateDict,
  said: Omit<SaidOfSae, "kind"> & { kind?: unknown; contextSize: number },
): { config: SaeConfig; weights: SaeWeights } {
  const { hook, modelId, kind, contextSize } = said;
  const shape = dictionaryShape(state);
  const { dIn, dSae } = shape;
  const base = { prependBos: true, ...shape, hook, modelId, contextSize };
  const unit = (weights: SaeWeights) => foldDecoderNorms(weights, dSae);
  if (state.has("W_enc")) {
    const plain = {
      W_enc: state.matrix("W_enc", dIn, dSae),
      W_dec: state.matrix("W_dec", dSae, dIn),
      b_enc: state.vector("b_enc", dSae),
      b_dec: state.vector("b_dec", dIn),
    };
    // A Matryoshka dictionary has these names too, but one threshold for all of its features.
    if (state.has("group_sizes")) {
      return ofKind(state, "MatryoshkaBatchTopKSAE", plain, { applyBDecToInput: true, ...base });
    }
    const weights = { ...plain, threshold: state.vector("threshold", dSae) };
    return {
      config: { variant: "jumprelu", applyBDecToInput: false, ...base },
      weights: unit(weights),
    };
  }
  const W_enc = state.transposed("encoder.weight", dIn, dSae);
  const W_dec = state.transposed("decoder.weight", dSae, dIn);
  if (state.has("decoder_bias", "r_mag", "gate_bias", "mag_bias")) {
    const r_mag = state.vector("r_mag", dSae);
    const b_mag = state.vector("mag_bias", dSae);
    const [b_enc, b_dec] = [state.vector("gate_bias", dSae), state.vector("decoder_bias", dIn)];
    return {
      config: { variant: "gated", applyBDecToInput: true, ...base },
      weights: unit({ W_enc, W_dec, b_enc, b_dec, r_mag, b_mag }),
    };
  }
  const b_enc = state.vector("encoder.bias", dSae);
  if (needsKind(state)) {
    const weights = { W_enc, W_dec, b_enc, b_dec: state.vector("b_dec", dIn) };
    return ofKind(state, kind, weights, { applyBDecToInput: true, ...base });
  }
  const own = state.has("bias");
  return {
    config: { variant: "standard", applyBDecToInput: own, ...base },
    weights: { W_enc, W_dec, b_enc, b_dec: state.vector(own ? "bias" : "decoder.bias", dIn) },
  };
}

function ofKind(
  state: StateDict,
  kind: unknown,
  weights: SaeWeights,
  base: SaeFacts,
): { config: SaeConfig; weights: SaeWeights } {
  const known: DictionaryKind | undefined = DICTIONARY_KINDS.find((name) => name === kind);
  switch (known) {
    case "AutoEncoderTopK": {
      const k = state.scalar("k");
      if (!Number.isSafeInteger(k) || k < 1 || k > base.dSae) {
        throw badFile(state.file, `k is ${k}, not a whole number from 1 to ${base.dSae}`);
      }
      return { config: { ...base, variant: "topk", k }, weights };
    }
    case "BatchTopKSAE":
    case "MatryoshkaBatchTopKSAE": {
      const level = state.scalar("threshold");
      if (!(level >= 0)) {
        throw badFile(state.file, `its threshold is ${level}: it was not trained long enough`);
      }
      const threshold = new Float32Array(base.dSae).fill(level);
      return { config: { ...base, variant: "jumprelu" }, weights: { ...weights, threshold } };
    }
    case undefined:
      throw new LabError(
        "unsupported",
        `config.json does not say which kind of dictionary it is: trainer.dict_class is ${quoted(kind)}, ` +
          `known here are ${DICTIONARY_KINDS.map(quoted).join(", ")}`,
      );
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What `config.json` says; `hook` is null where it does not say what is read. */
export interface DictionaryConfig {
  hook: string | null;
  modelId: string | null;
  kind: unknown;
  contextSize: number | null;
}

/** @throws LabError "bad-file" for what is no config of dictionary_learning */
export function readDictionaryConfig(cfg: Uint8Array): DictionaryConfig {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(cfg));
  } catch (cause) {
    throw new LabError("bad-file", "config.json cannot be read: it is no JSON text", { cause });
  }
  const trainer = isObject(json) ? json["trainer"] : undefined;
  if (!isObject(json) || !isObject(trainer)) {
    throw badFile("config.json", 'it has no "trainer", as dictionary_learning writes it');
  }
  const { layer, submodule_name, lm_name, dict_class } = trainer;
  const place = PLACES.find(
    ([form]) => typeof submodule_name === "string" && form.test(submodule_name),
  );
  const known = place !== undefined && Number.isInteger(layer) && (layer as number) >= 0;
  const size = isObject(json["buffer"]) ? json["buffer"]["ctx_len"] : undefined;
  return {
    hook: known ? `blocks.${layer as number}.${place[1]}` : null,
    modelId: typeof lm_name === "string" && lm_name.length < 200 ? lm_name : null,
    kind: dict_class,
    contextSize: Number.isSafeInteger(size) && (size as number) > 0 ? (size as number) : null,
  };
}

/** What `submodule_name` says: "resid_post_layer_3", "mlp_out", … */
const PLACES: readonly [form: RegExp, site: string][] = [
  [/resid_?pre/, "hook_resid_pre"],
  [/resid_?mid/, "hook_resid_mid"],
  [/resid/, "hook_resid_post"],
  [/mlp/, "hook_mlp_out"],
  [/att/, "hook_attn_out"],
];

/** The hook point that a path like "resid_post_layer_3/trainer_0/ae.pt" tells; null if it tells none. */
export function hookOfDictionaryPath(path: string): string | null {
  const place = PLACES.find(([form]) => form.test(path));
  const layer = /layer_?(\d+)/.exec(path)?.[1];
  return place && layer !== undefined ? `blocks.${Number(layer)}.${place[1]}` : null;
}
