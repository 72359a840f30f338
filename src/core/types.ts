/** The lab's plain data: everything here can be cloned across the worker boundary. */

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
  | { kind: "hub"; id: string; revision: string }
  | { kind: "files"; files: File[] };

export interface ModelInfo {
  /** `tinylab-gpt2-4l`, `openai-community/gpt2`, or a name made from the dropped files. */
  id: string;
  source: "embedded" | "hub" | "files";
  revision: string | null;
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
  /** What went less well than it should while loading ("the browser has no storage left …"); mostly empty. */
  warnings: string[];
}

export interface LoadProgress {
  phase: "config" | "weights" | "session";
  file: string;
  loadedBytes: number;
  /** null while the server has not said. */
  totalBytes: number | null;
  bytesPerSecond: number | null;
  fromCache: boolean;
}

/** The two JSON texts from which `text/tokenizer.ts` builds the model's tokenizer. */
export interface TokenizerFiles {
  json: string;
  config: string;
}

export interface Tokens {
  ids: number[];
  /** Each token as text, spaces and newlines as they are. Bytes that are not UTF-8 alone show as U+FFFD. */
  strings: string[];
  /** How many tokens the text had, when more than the model (or a view of all its patterns) can hold; else null. */
  truncatedFrom: number | null;
  /** What was done to the text to read it ("half of a surrogate pair was read as �"); mostly empty. */
  warnings: string[];
}

/**
 * One change to the forward pass, x → x·m + a at a hook point.
 * `head` and `pos` (absolute, negative counts from the end) narrow it; without them it holds everywhere.
 * `value`: for `scale` the factor; for `add` and `replace` a number, or a vector along the last axis
 * (d_model, d_head, d_mlp), or along all heads ([n_head, d_head], one token's worth), or a whole tensor of the hook's
 * shape without the batch axis.
 * In generation `pos` counts within the prompt, a value with a position axis covers the prompt, and an edit without
 * `pos` holds for the generated tokens too.
 */
export interface Edit {
  hook: string;
  op: "zero" | "scale" | "add" | "replace";
  value?: number | Float32Array;
  head?: number;
  pos?: number;
}

/** Steer along feature directions of one SAE; see `lab/steer.ts` for the formulas. */
export interface SteerSpec {
  saeId: string;
  features: SteerFeature[];
}
export interface SteerFeature {
  feature: number;
  /** `add`: x + c·W_dec[f]. `clamp`: x + (c − f(x))·W_dec[f], so that the feature reads c. */
  mode: "add" | "clamp";
  /** c, in the units of the feature's activation. */
  coefficient: number;
}

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
  seed: number;
}
export interface GeneratedToken {
  id: number;
  /** Text added by this token (bytes of an unfinished character wait for the next). */
  text: string;
  /** Its probability under the sampled distribution's untruncated, temperature-1 softmax. */
  probability: number;
}
/** The continuation alone, without the prompt and without a closing `<|endoftext|>`. */
export interface Generation {
  text: string;
  tokens: number[];
  stopped: "length" | "end-of-text" | "context-full" | "cancelled";
}
