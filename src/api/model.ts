/** `lab.model`: the language model on the bench. */
import { LabError } from "../core/lab-error.ts";
import { readable } from "../core/token-bytes.ts";
import type {
  Device,
  Generation,
  Gpt2Config,
  ModelInfo,
  Prediction,
  PromptView,
  SteerSpec,
  TensorData,
  TokenizerFiles,
  Tokens,
} from "../core/types.ts";
import type { LabClient } from "../rpc/client.ts";
import type { PromptInput } from "../rpc/contract.ts";
import type { GenerateOptions, RunOptions } from "./lab.ts";

export interface LabModel {
  readonly info: ModelInfo;
  readonly config: Gpt2Config;
  readonly device: Device;
  /** Token ids, `<|endoftext|>` first unless told otherwise. Not cut to the context. */
  toTokens(text: string, options?: { prependBos?: boolean }): number[];
  /** Each token as text, part of a character as U+FFFD. Text is tokenised with BOS, as TransformerLens does. */
  toStrTokens(what: string | readonly number[]): string[];
  runWithCache(
    what: string | readonly number[],
    options?: RunOptions,
  ): Promise<{ logits: TensorData; cache: Map<string, TensorData>; tokens: Tokens }>;
  generate(what: string | readonly number[], options?: GenerateOptions): Promise<Generation>;
  /** All that the bench shows of a prompt, from one forward pass. */
  view(
    prompt: PromptInput,
    options: { saeId: string | null; topK: number; signal?: AbortSignal },
  ): Promise<PromptView>;
  /** The next-token distribution, plain and steered. */
  steer(
    prompt: PromptInput,
    options: { steer: SteerSpec; topK: number; signal?: AbortSignal },
  ): Promise<{ plain: Prediction; steered: Prediction }>;
}

/** @throws LabError "bad-input" for what is neither text nor a list of ids */
function asPrompt(what: string | readonly number[], prependBos: boolean): PromptInput {
  if (typeof what === "string") return { text: what, prependBos };
  if (Symbol.iterator in new Object(what)) return { ids: [...what] };
  throw new LabError("bad-input", `a prompt is text or a list of token ids, not ${String(what)}`);
}

export async function createModel(
  client: LabClient,
  info: ModelInfo,
  files: TokenizerFiles,
): Promise<LabModel> {
  // Loaded now so that the synchronous calls can be; built on first use, since the app itself tokenises in the worker.
  const { createTokenizer } = await import("../text/tokenizer.ts");
  let built: ReturnType<typeof createTokenizer> | undefined;
  const { bos_token_id, vocab_size } = info.config;
  const tokenizer = () => (built ??= createTokenizer(files, bos_token_id, vocab_size));
  return {
    info,
    config: info.config,
    device: info.device,
    toTokens: (text, { prependBos = true } = {}) => tokenizer().encode(text, prependBos).ids,
    toStrTokens: (what) =>
      tokenizer()
        .strings(typeof what === "string" ? tokenizer().encode(what, true).ids : [...what])
        .map(readable),
    runWithCache: async (what, { names, edits = [], prependBos = true, signal } = {}) => {
      const wanted =
        names === undefined
          ? info.hooks
          : typeof names === "function"
            ? info.hooks.filter(names)
            : [...names];
      const { tokens, logits, cache } = await client.call(
        "model.runWithCache",
        { prompt: asPrompt(what, prependBos), names: wanted, edits: [...edits] },
        { signal },
      );
      const strings = tokens.strings.map(readable);
      return { tokens: { ...tokens, strings }, logits, cache: new Map(cache) };
    },
    generate: async (what, options = {}) => {
      const { maxNewTokens = 32, temperature = 1, topK = 0, topP = 1, seed = 0 } = options;
      return client.call(
        "model.generate",
        {
          prompt: asPrompt(what, options.prependBos ?? true),
          sampling: { maxNewTokens, temperature, topK, topP, seed },
          edits: [...(options.edits ?? [])],
          steer: options.steer ?? null,
        },
        { signal: options.signal, onProgress: options.onToken },
      );
    },
    view: (prompt, { saeId, topK, signal }) =>
      client.call("prompt.view", { prompt, saeId, topK }, { signal }),
    steer: (prompt, { steer, topK, signal }) =>
      client.call("prompt.steer", { prompt, steer, topK }, { signal }),
  };
}
