/** The plain data that every part of the lab speaks of: what is here can be cloned across the worker boundary. */

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

export interface Prediction {
  /** Token ids, likeliest first. */
  ids: number[];
  strings: string[];
  logits: number[];
  /** Softmax over the whole vocabulary, not only over those listed. */
  probabilities: number[];
}
