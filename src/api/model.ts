/** `lab.model`: the language model on the bench. */
import type { Basis } from "../core/basis.ts";
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
} from "../core/types.ts";
import type { LabClient } from "../rpc/client.ts";
import type { PromptInput } from "../rpc/contract.ts";
import { type ExperimentMethods, experimentMethods } from "./experiments.ts";
import { type GradientMethods, gradientMethods } from "./gradients.ts";
import type { GenerateOptions } from "./lab.ts";
import { type KeepMethods, keepMethods } from "./kept.ts";
import {
  asPrompt,
  type BatchRun,
  isBatch,
  type Prompt,
  type Run,
  type RunOptions,
  runWithCache as run,
} from "./run.ts";
import { type TraceMethods, traceMethods } from "./trace.ts";

export interface LabModel extends ExperimentMethods, GradientMethods, KeepMethods, TraceMethods {
  readonly info: ModelInfo;
  readonly config: Gpt2Config;
  readonly device: Device;
  /** Token ids, `<|endoftext|>` first unless told otherwise. Not cut to the context. */
  toTokens(text: string, options?: { prependBos?: boolean }): number[];
  /** Each token as text, part of a character as U+FFFD. Text is tokenised with BOS, as TransformerLens does. */
  toStrTokens(what: string | readonly number[]): string[];
  runWithCache(what: Prompt, options?: RunOptions): Promise<Run>;
  /** Several prompts in one forward pass. */
  runWithCache(what: readonly Prompt[], options?: RunOptions): Promise<BatchRun>;
  /**
   * A parameter by TransformerLens's name ("blocks.0.attn.W_O", [head, d_head, d_model]) in either basis, or by the
   * checkpoint's own ("h.0.attn.c_proj.weight").
   */
  weight(name: string, options?: { basis?: Basis; signal?: AbortSignal }): Promise<TensorData>;
  /** The id of a text that is one token. @throws LabError "bad-input" for any other */
  toSingleToken(text: string): number;
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

/** @param bench what is known of the model; its device may change when the worker had to be replaced */
export async function createModel(
  client: LabClient,
  bench: { info: ModelInfo },
  files: TokenizerFiles,
): Promise<LabModel> {
  const { info } = bench;
  // Loaded now so that the synchronous calls can be; built on first use, since the app itself tokenises in the worker.
  const { createTokenizer } = await import("../text/tokenizer.ts");
  let built: ReturnType<typeof createTokenizer> | undefined;
  const { bos_token_id, vocab_size } = info.config;
  const tokenizer = () => (built ??= createTokenizer(files, bos_token_id, vocab_size));
  const toSingleToken = (text: string): number => {
    const { ids } = tokenizer().encode(text, false);
    if (ids.length === 1) return ids[0]!;
    const parts = tokenizer().strings(ids).map(readable);
    throw new LabError(
      "bad-input",
      `"${text}" is ${ids.length} tokens (${parts.map((part) => JSON.stringify(part)).join(", ")}), not one`,
    );
  };
  function runWithCache(what: Prompt, options?: RunOptions): Promise<Run>;
  function runWithCache(what: readonly Prompt[], options?: RunOptions): Promise<BatchRun>;
  async function runWithCache(what: Prompt | readonly Prompt[], options: RunOptions = {}) {
    if (isBatch(what)) return run(client, info, toSingleToken, what, options);
    const { tokens, ...rest } = await run(client, info, toSingleToken, [what], options);
    return { ...rest, tokens: tokens[0]! };
  }
  return {
    get info() {
      return bench.info;
    },
    config: info.config,
    get device() {
      return bench.info.device;
    },
    toTokens: (text, { prependBos = true } = {}) => tokenizer().encode(text, prependBos).ids,
    toStrTokens: (what) =>
      tokenizer()
        .strings(typeof what === "string" ? tokenizer().encode(what, true).ids : [...what])
        .map(readable),
    runWithCache,
    ...experimentMethods(client, info, toSingleToken),
    ...traceMethods(client, info, (text, bos) => tokenizer().encode(text, bos).ids),
    ...keepMethods(client, info),
    ...gradientMethods(client, info, toSingleToken),
    weight: (name, { basis = "raw", signal } = {}) =>
      client.call("model.weight", { name, basis }, { signal }),
    toSingleToken,
    generate: async (what, options = {}) => {
      const { maxNewTokens = 32, temperature = 1, topK = 0, topP = 1, seed = 0 } = options;
      const { repetitionPenalty = 1, stop = [] } = options;
      return client.call(
        "model.generate",
        {
          prompt: asPrompt(what, options.prependBos ?? true),
          sampling: { maxNewTokens, temperature, topK, topP, repetitionPenalty, seed },
          edits: [...(options.edits ?? [])],
          steer: options.steer ?? null,
          stop: [...stop],
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
