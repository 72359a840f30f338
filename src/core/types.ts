/** The lab's plain data: everything here can be cloned across the worker boundary. */
import type { DirectEdit, Edit, SteerFeature } from "./edits.ts";
import type { EditedFacts } from "./model-edit.ts";
import type { ActualNext } from "./prediction.ts";
import type { SteerSpec } from "./steer.ts";

/** A dense row-major float32 tensor. `data.length` is the product of `dims`. */
export interface TensorData {
  data: Float32Array;
  dims: number[];
}

/** `config.json` of a GPT-2 checkpoint, in its own field names, checked and with defaults filled in. */
export interface Gpt2Config {
  n_layer: number;
  n_head: number;
  n_embd: number;
  n_inner: number;
  n_positions: number;
  vocab_size: number;
  layer_norm_epsilon: number;
  activation_function: "gelu_new" | "gelu" | "relu";
  scale_attn_weights: boolean;
  scale_attn_by_inverse_layer_idx: boolean;
  /** Id of `<|endoftext|>`, which serves as BOS. */
  bos_token_id: number;
}

export type Device = "webgpu" | "wasm";
/** `auto`: a hardware GPU if there is one, else WASM. Software WebGPU only when asked for by name. */
export type DevicePreference = Device | "auto";

/** Where a model comes from. The embedded one is named by its folder under `public/models/`. */
export type ModelSource =
  | { kind: "embedded"; id: string }
  | HubSource
  | {
      kind: "files";
      files: File[];
      /** Of the folder that they came in. */ name?: string | undefined;
    };

/** A model of the Hugging Face Hub, or of a mirror in its place. */
export interface HubSource {
  kind: "hub";
  id: string;
  /** Branch, tag or commit. */
  revision: string;
  /** The mirror's address; the Hub itself without one. */
  hub?: string | undefined;
  /** Keep float32 weights rounded to float16, if they are not kept yet: half the storage. */
  half?: boolean | undefined;
  /** Look for the branch's newest commit, also when an older one is kept. */
  refresh?: boolean | undefined;
}

/** A model of the Hub as it is known before its weights are fetched. */
export interface ModelLook {
  id: string;
  revision: string;
  commit: string | null;
  hub: string;
  parameters: number;
  /** How the weights are stored there: "float32", or several of them. */
  dtype: string;
  /** Of the weight files. */
  fileBytes: number;
  /** What they take when they are kept as float16; null if they are in 16 bits anyway. */
  halfBytes: number | null;
  /** What of them is in this browser already. */
  keptBytes: number;
  /** Whether all of it is, so that it loads without the network. */
  kept: boolean;
  /** Estimate, with the model at work; while it is loaded its files come on top. */
  memoryBytes: number;
  /** Memory of this computer as far as the browser tells (at most 8 GB); null where it does not. */
  deviceBytes: number | null;
}

/** A model of the Hub in this browser's storage. */
export interface KeptModel {
  /** Names it for `storage.delete`. */
  key: string;
  id: string;
  hub: string;
  /** The branches and tags that it was loaded for. */
  revisions: string[];
  commit: string | null;
  /** What it takes here. */
  bytes: number;
  /** What it will take when it is complete. */
  totalBytes: number;
  complete: boolean;
  /** Whether its float32 weights are kept rounded to float16. */
  rounded: boolean;
  /** ISO 8601 */
  savedAt: string;
}
/** What this browser keeps for the lab. */
export interface StorageReport {
  models: KeptModel[];
  saes: { count: number; bytes: number };
  /** The browser's own estimate of all that this site keeps, and of what it may; null where it gives none. */
  usedBytes: number | null;
  quotaBytes: number | null;
  /** Whether the browser has promised not to clear it by itself. */
  persisted: boolean;
}

export interface ModelInfo {
  /** `tinylab-gpt2-4l`, `openai-community/gpt2`, or a name made from the dropped files. */
  id: string;
  source: "embedded" | "hub" | "files";
  revision: string | null;
  /** The commit that the revision stood for, where the server told it. */
  commit: string | null;
  /** The address that it came from: the Hub's or a mirror's; null off the Hub. */
  hub: string | null;
  /** Whether its float32 weights were rounded to float16 when they were stored here. */
  rounded: boolean;
  config: Gpt2Config;
  device: Device;
  /** Why this device, in words for the chip: "NVIDIA RTX …", "no GPU here". */
  deviceReason: string;
  /** WASM threads (1 without cross-origin isolation). */
  threads: number;
  parameters: number;
  /** Bytes of weights as they lie in the checkpoint. */
  weightBytes: number;
  /** Every hook point that `runWithCache` can return, in forward order. */
  hooks: string[];
  /** Where its weights are not those of a checkpoint: what was changed. `id` is then the edited model's own name. */
  edited?: EditedFacts | undefined;
  /** What went less well than it should while loading ("the browser has no storage left …"); mostly empty. */
  warnings: string[];
}

export interface LoadProgress {
  /** "waiting": another tab is fetching the same model. */
  phase: "config" | "waiting" | "weights" | "session";
  file: string;
  loadedBytes: number;
  /** null while the server has not said. */
  totalBytes: number | null;
  bytesPerSecond: number | null;
  fromCache: boolean;
  /** How much memory the model will take, estimated; once it is known. */
  memoryBytes?: number;
}

/** The two JSON texts from which `text/tokenizer.ts` builds the model's tokenizer. */
export interface TokenizerFiles {
  json: string;
  config: string;
}

export interface Tokens {
  ids: number[];
  /** Each token, spaces and newlines as they are; bytes that are no text alone as in `token-bytes.ts`. */
  strings: string[];
  /** How many tokens the text had, when more than the model (or a view of all its patterns) can hold; else null. */
  truncatedFrom: number | null;
  /** What was done to the text to read it ("half of a surrogate pair was read as �"); mostly empty. */
  warnings: string[];
}

export type { DirectEdit, Edit, SteerFeature, SteerSpec };

export interface Prediction {
  /** Token ids, likeliest first. */
  ids: number[];
  strings: string[];
  logits: number[];
  /** Softmax over the whole vocabulary, not only over those listed. */
  probabilities: number[];
}

/** All that the bench shows of a prompt, from one forward pass. */
export interface PromptView {
  tokens: Tokens;
  /** Attention after softmax, [n_layer, n_head, T, T]. */
  pattern: TensorData;
  /** Likeliest next tokens at each position. */
  predictions: Prediction[];
  /** How far each token was expected by the position before it. */
  actual: ActualNext;
  /** Active features at each position, strongest first; null when no SAE was asked for. */
  features: PromptFeatures | null;
  milliseconds: number;
}
export interface PromptFeatures {
  saeId: string;
  /** per position */
  active: { feature: number; activation: number }[][];
}

export interface SamplingOptions {
  maxNewTokens: number;
  /** 0 is greedy. */
  temperature: number;
  /** Keep the k likeliest; 0 keeps all. */
  topK: number;
  /** Keep the smallest set whose probability reaches p; 1 keeps all. */
  topP: number;
  /** θ of Keskar et al. 2019, on every token of prompt and text: above 1 against repeating them; 1 leaves them alone. */
  repetitionPenalty: number;
  seed: number;
}
export interface GeneratedToken {
  id: number;
  /** Text added by this token (bytes of an unfinished character wait for the next). */
  text: string;
  /** The token itself, part of a character as in `token-bytes.ts`. */
  string: string;
  /** Under softmax(logits): temperature 1, nothing cut off, no penalty. */
  probability: number;
  /** Its place in that distribution, 1 for the likeliest; equal ones share the first place. */
  rank: number;
  /** The likeliest tokens there, in that distribution; none unless they were asked for. */
  alternatives: Prediction | null;
}
/** The continuation alone, without the prompt and without a closing `<|endoftext|>`. */
export interface Generation {
  text: string;
  tokens: number[];
  /** The `<|endoftext|>` that ended it; null if something else did. */
  end: GeneratedToken | null;
  /** `stop`: at a token or text that was to end it. */
  stopped: "length" | "end-of-text" | "stop" | "context-full" | "cancelled";
}
