/** `lab.model`: the language model on the bench. */
import type { Basis } from "../core/basis.ts";
import { LabError } from "../core/lab-error.ts";
import { readable } from "../core/token-bytes.ts";
import type { Edit } from "../core/edits.ts";
import type { Generation } from "../core/generation.ts";
import type { ModelInfo } from "../core/model-info.ts";
import type { PromptView } from "../core/prompt-view.ts";
import type { Device, Gpt2Config, TensorData, TokenizerFiles } from "../core/types.ts";
import type { LabClient } from "../rpc/client.ts";
import type { PromptInput } from "../rpc/procedure.ts";
import { singleToken } from "../text/single-token.ts";
import { type AcdcMethods, acdcMethods } from "./acdc.ts";
import { type CircuitMethods, circuitMethods } from "./circuits.ts";
import { type ProbeMethods, probeMethods } from "./probes.ts";
import { type FeatureCircuitMethods, featureCircuitMethods } from "./feature-circuits.ts";
import { type ExperimentMethods, experimentMethods } from "./experiments.ts";
import { type FigureMethods, figureMethods } from "./figures.ts";
import { type GradientMethods, gradientMethods } from "./gradients.ts";
import type { GenerateOptions } from "./generate-options.ts";
import { type KeepMethods, keepMethods } from "./kept.ts";
import { checkOptions, editList, shownValue } from "./options.ts";
import {
  asPrompt,
  type BatchRun,
  checkBasis,
  isBatch,
  type Prompt,
  type Run,
  type RunOptions,
  runWithCache as run,
  type WithLogits,
  type WithoutLogits,
} from "./run.ts";
import { type PathMethods, pathMethods } from "./paths.ts";
import { type SteerMethods, steerMethods } from "./steer.ts";
import { type TraceMethods, traceMethods, type TraceOptions } from "./trace.ts";
import { type VerifyMethods, verifyMethods } from "./verify.ts";

export interface WeightOptions {
  /** @default "raw" */
  basis?: Basis;
  signal?: AbortSignal;
}
const WEIGHT_OPTIONS: Record<keyof WeightOptions, true> = { basis: true, signal: true };
const TRACE_OPTIONS: Record<keyof TraceOptions, true> = {
  basis: true,
  prependBos: true,
  signal: true,
};
const GENERATE_OPTIONS: Record<keyof GenerateOptions, true> = {
  maxNewTokens: true,
  temperature: true,
  topK: true,
  topP: true,
  repetitionPenalty: true,
  seed: true,
  prependBos: true,
  edits: true,
  basis: true,
  steer: true,
  stop: true,
  begun: true,
  alternatives: true,
  onToken: true,
  signal: true,
};

export interface LabModel
  extends
    AcdcMethods,
    CircuitMethods,
    ProbeMethods,
    FeatureCircuitMethods,
    ExperimentMethods,
    FigureMethods,
    GradientMethods,
    KeepMethods,
    PathMethods,
    SteerMethods,
    TraceMethods,
    VerifyMethods {
  readonly info: ModelInfo;
  /**
   * What its numbers are of: the same for the same weights, after a reload, too; another for other edits of them. Of files, which
   * may be others by the same name, it is new with each load.
   */
  readonly stamp: string;
  readonly config: Gpt2Config;
  readonly device: Device;
  /** Token ids, `<|endoftext|>` first unless told otherwise. Not cut to the context. */
  toTokens(text: string, options?: { prependBos?: boolean }): number[];
  /** Each token as text, part of a character as U+FFFD. Text is tokenised with BOS, as TransformerLens does. */
  toStrTokens(what: string | readonly number[]): string[];
  runWithCache(what: Prompt, options: WithoutLogits): Promise<Run<null>>;
  runWithCache(what: Prompt, options?: WithLogits): Promise<Run>;
  /** Several prompts in one forward pass. */
  runWithCache(what: readonly Prompt[], options: WithoutLogits): Promise<BatchRun<null>>;
  runWithCache(what: readonly Prompt[], options?: WithLogits): Promise<BatchRun>;
  /**
   * A parameter by TransformerLens's name ("blocks.0.attn.W_O", [head, d_head, d_model]) in either basis, or by the
   * checkpoint's own ("h.0.attn.c_proj.weight").
   */
  weight(name: string, options?: WeightOptions): Promise<TensorData>;
  /** The id of a text that is one token. @throws LabError "bad-input" for any other */
  toSingleToken(text: string): number;
  generate(what: string | readonly number[], options?: GenerateOptions): Promise<Generation>;
  /** All that the bench shows of a prompt, from one forward pass. */
  view(
    prompt: PromptInput,
    options: {
      saeId: string | null;
      topK: number;
      /** @default none */
      edits?: readonly Edit[];
      /** Of the edits. @default "raw" */
      basis?: Basis;
      signal?: AbortSignal;
    },
  ): Promise<PromptView>;
}

/** Text is not: it is tokenised first. */
const isIterable = (what: string | readonly number[]): what is readonly number[] =>
  typeof what !== "string" && Symbol.iterator in new Object(what);

/** @param bench what is known of the model; its device may change when the worker had to be replaced */
export async function createModel(
  client: LabClient,
  bench: { info: ModelInfo; stamp: string },
  files: TokenizerFiles,
): Promise<LabModel> {
  const { info } = bench;
  // Loaded now so that the synchronous calls can be; built on first use, since the app itself tokenises in the worker.
  const { createTokenizer } = await import("../text/tokenizer.ts");
  let built: ReturnType<typeof createTokenizer> | undefined;
  const { bos_token_id, vocab_size } = info.config;
  const tokenizer = () => (built ??= createTokenizer(files, bos_token_id, vocab_size));
  const toSingleToken = (text: string): number => singleToken(tokenizer(), text);
  const runWithCache = async (what: Prompt | readonly Prompt[], options: RunOptions = {}) => {
    if (isBatch(what)) return run(client, info, toSingleToken, what, options);
    const { tokens, ...rest } = await run(client, info, toSingleToken, [what], options);
    return { ...rest, tokens: tokens[0]! };
  };
  const encode = (text: string, prependBos: boolean): number[] => {
    if (typeof text === "string") return tokenizer().encode(text, prependBos).ids;
    throw new LabError("bad-input", `only text is made into tokens, not ${shownValue(text)}`);
  };
  const traces = traceMethods(client, info, encode);
  return {
    get info() {
      return bench.info;
    },
    stamp: bench.stamp,
    config: info.config,
    get device() {
      return bench.info.device;
    },
    toTokens: (text, options = {}) => {
      checkOptions<{ prependBos?: boolean }>("toTokens", options, { prependBos: true });
      return encode(text, options.prependBos ?? true);
    },
    toStrTokens: (what) =>
      tokenizer()
        .strings(isIterable(what) ? [...what] : encode(what, true))
        .map(readable),
    runWithCache: runWithCache as LabModel["runWithCache"],
    ...experimentMethods(client, info, toSingleToken),
    ...acdcMethods(client),
    ...circuitMethods(client),
    ...pathMethods(client),
    ...verifyMethods(client),
    ...probeMethods(client),
    ...featureCircuitMethods(client),
    ...figureMethods(client),
    trace: async (what, body, options = {}) => {
      checkOptions<TraceOptions>("trace", options, TRACE_OPTIONS);
      return traces.trace(what, body, options);
    },
    ...keepMethods(client, info),
    ...gradientMethods(client, info, toSingleToken),
    weight: async (name, options = {}) => {
      checkOptions<WeightOptions>("weight", options, WEIGHT_OPTIONS);
      const { basis = "raw", signal } = options;
      checkBasis(basis);
      if (typeof name !== "string") {
        throw new LabError("bad-input", `a parameter's name is text, not ${shownValue(name)}`);
      }
      return client.call("model.weight", { name, basis }, { signal });
    },
    toSingleToken,
    generate: async (what, options = {}) => {
      checkOptions<GenerateOptions>("generate", options, GENERATE_OPTIONS);
      const { maxNewTokens = 32, temperature = 1, topK = 0, topP = 1, seed = 0 } = options;
      const { repetitionPenalty = 1, stop = [], basis = "raw" } = options;
      checkBasis(basis);
      return client.call(
        "model.generate",
        {
          prompt: asPrompt(what, options.prependBos ?? true),
          sampling: { maxNewTokens, temperature, topK, topP, repetitionPenalty, seed },
          edits: editList(options.edits ?? []),
          basis,
          steer: options.steer ?? null,
          stop: typeof stop === "string" ? [stop] : [...stop],
          begun: [...(options.begun ?? [])],
          alternatives: options.alternatives ?? 0,
        },
        { signal: options.signal, onProgress: options.onToken },
      );
    },
    view: (prompt, { saeId, topK, edits = [], basis = "raw", signal }) =>
      client.call("prompt.view", { prompt, edits: [...edits], basis, saeId, topK }, { signal }),
    ...steerMethods(client),
  };
}
