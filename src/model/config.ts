/**
 * Reads a checkpoint's `config.json`. Field names and defaults are those of Hugging Face's `GPT2Config`
 * (https://huggingface.co/docs/transformers/model_doc/gpt2#transformers.GPT2Config).
 */
import { LabError } from "../core/lab-error.ts";
import { quoted } from "../core/quoted.ts";
import type { Gpt2Config } from "../core/types.ts";

export interface ReadConfig {
  config: Gpt2Config;
  /** Whether the output head is the token embedding, whatever `lm_head.weight` the file may hold. */
  tieWordEmbeddings: boolean;
}

/** The names under which GELU's tanh approximation goes; `gelu` alone is the exact one. */
const ACTIVATIONS: Record<string, Gpt2Config["activation_function"]> = {
  gelu_new: "gelu_new",
  gelu_pytorch_tanh: "gelu_new",
  gelu_fast: "gelu_new",
  gelu: "gelu",
  relu: "relu",
};

type Json = Record<string, unknown>;

/**
 * @param text the content of config.json
 * @throws LabError "unsupported" for another architecture or an option that the engine does not have,
 *         "bad-file" for anything that is not a config
 */
export function parseConfig(text: string): ReadConfig {
  const json = parseObject(text);
  refuseOthers(json);
  const n_embd = count(json, "n_embd", 768, "hidden_size");
  const n_head = count(json, "n_head", 12, "num_attention_heads");
  if (n_embd % n_head !== 0) {
    throw bad(`n_embd ${n_embd} cannot be divided among n_head ${n_head} heads`);
  }
  const vocab_size = count(json, "vocab_size", 50257);
  const config: Gpt2Config = {
    n_layer: count(json, "n_layer", 12, "num_hidden_layers"),
    n_head,
    n_embd,
    n_inner: count(json, "n_inner", 4 * n_embd),
    n_positions: count(json, "n_positions", 1024, "max_position_embeddings"),
    vocab_size,
    layer_norm_epsilon: epsilon(json["layer_norm_epsilon"] ?? 1e-5),
    activation_function: activation(json["activation_function"] ?? "gelu_new"),
    scale_attn_weights: flag(json, "scale_attn_weights", true),
    scale_attn_by_inverse_layer_idx: flag(json, "scale_attn_by_inverse_layer_idx", false),
    bos_token_id: bos(json, vocab_size),
  };
  return { config, tieWordEmbeddings: flag(json, "tie_word_embeddings", true) };
}

function parseObject(text: string): Json {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new LabError("bad-file", `config.json is no JSON: it begins with ${quoted(text)}`, {
      cause,
    });
  }
  if (typeof json === "object" && json !== null && !Array.isArray(json)) return json as Json;
  throw bad(`it is ${quoted(json)}, not an object`);
}

/** Old GPT-2 configs have no `model_type`; their architecture then says it. */
function refuseOthers(json: Json) {
  const architectures = Array.isArray(json["architectures"]) ? json["architectures"] : [];
  const named = architectures.find((name): name is string => typeof name === "string");
  const type = json["model_type"] ?? (named?.startsWith("GPT2") ? "gpt2" : undefined);
  const runs =
    "Glassroom runs GPT-2-architecture models, like openai-community/gpt2 or distilbert/distilgpt2";
  if (type === undefined) {
    const who = named === undefined ? "" : ` (its architecture is ${quoted(named)})`;
    throw new LabError("unsupported", `config.json names no model_type${who}; ${runs}`);
  }
  if (type !== "gpt2") {
    throw new LabError("unsupported", `this is a ${quoted(type)} model; ${runs}`);
  }
  if (json["add_cross_attention"] === true) {
    throw new LabError(
      "unsupported",
      `this model attends to an encoder (add_cross_attention); ${runs}`,
    );
  }
}

/** A positive whole number; `alias` is the name that other architectures have for it, which GPT2Config takes too. */
function count(json: Json, key: string, fallback: number, alias = key): number {
  const value = json[key] ?? json[alias] ?? fallback;
  if (typeof value === "number" && Number.isSafeInteger(value) && value > 0) return value;
  throw bad(`${key} is ${quoted(value)}, not a positive whole number`);
}

function flag(json: Json, key: string, fallback: boolean): boolean {
  const value = json[key] ?? fallback;
  if (typeof value === "boolean") return value;
  throw bad(`${key} is ${quoted(value)}, neither true nor false`);
}

function epsilon(value: unknown): number {
  if (typeof value === "number" && value > 0 && value < 1) return value;
  throw bad(`layer_norm_epsilon is ${quoted(value)}, not a small positive number`);
}

function activation(value: unknown): Gpt2Config["activation_function"] {
  const known = typeof value === "string" && Object.hasOwn(ACTIVATIONS, value);
  if (known) return ACTIVATIONS[value]!;
  throw new LabError(
    "unsupported",
    `activation_function is ${quoted(value)}; known are ${Object.keys(ACTIVATIONS).join(", ")}`,
  );
}

/** Small models trained with the defaults left in place name 50256, which they do not have: then `<|endoftext|>` is eos. */
function bos(json: Json, vocabSize: number): number {
  const isToken = (value: unknown): value is number =>
    typeof value === "number" && Number.isSafeInteger(value) && value >= 0 && value < vocabSize;
  const given = json["bos_token_id"] ?? 50256;
  const eos = json["eos_token_id"];
  const found = [given, ...(Array.isArray(eos) ? (eos as unknown[]) : [eos])].find(isToken);
  if (found !== undefined) return found;
  throw bad(`bos_token_id is ${quoted(given)}, not a token id below vocab_size ${vocabSize}`);
}

const bad = (why: string) => new LabError("bad-file", `config.json cannot be used: ${why}`);
