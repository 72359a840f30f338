/** `lab.model.runWithCache`: one prompt or several, the activations that were asked for, in the basis that was asked for. */
import { type HookFilter, resolveHooks } from "../core/act-names.ts";
import { type Basis, BASIS_NAME } from "../core/basis.ts";
import { isOnRequest } from "../core/hooks.ts";
import { LabError } from "../core/lab-error.ts";
import { readable } from "../core/token-bytes.ts";
import type { Edit } from "../core/edits.ts";
import type { ModelInfo } from "../core/model-info.ts";
import type { TensorData, Tokens } from "../core/types.ts";
import type { LabClient } from "../rpc/client.ts";
import type { PromptInput } from "../rpc/procedure.ts";
import { ActivationCache } from "./activation-cache.ts";
import type { CacheContext } from "./cache-types.ts";
import { checkChoice, checkOptions, editList, shownValue } from "./options.ts";

/** Text, or token ids taken as they are. */
export type Prompt = string | readonly number[];

export interface RunOptions {
  /**
   * Which hook points to return: full names, shorthand ("z5", "embed"; "resid_post" means every layer), ["z", 5] pairs
   * (negative layers count from the end), or a test of full names.
   * @default all but `attn.hook_result`, which is large
   */
  names?: HookFilter;
  edits?: readonly Edit[];
  /** In which weights values are told and edits are meant: the checkpoint's, or TransformerLens's. @default "raw" */
  basis?: Basis;
  /** Of all positions, of the last, or none: then the run ends at the last hook point. @default "all" */
  logits?: "all" | "last" | "none";
  /** For text only; ids are taken as they are. @default true */
  prependBos?: boolean;
  signal?: AbortSignal;
}
export type WithoutLogits = RunOptions & { logits: "none" };
export type WithLogits = RunOptions & { logits?: "all" | "last" };
const RUN_OPTIONS: Record<keyof RunOptions, true> = {
  names: true,
  edits: true,
  basis: true,
  logits: true,
  prependBos: true,
  signal: true,
};

/** Of one prompt: B is 1. */
export interface Run<L extends TensorData | null = TensorData> {
  tokens: Tokens;
  /** [1, T or 1, vocabulary]; null if none were asked for */
  logits: L;
  cache: ActivationCache;
  basis: Basis;
}
/**
 * Of several prompts, padded on the right to the longest; beyond a prompt's own tokens everything is NaN.
 * `cache.row(i)` is one of them, without padding.
 */
export interface BatchRun<L extends TensorData | null = TensorData> {
  tokens: Tokens[];
  /** [B, T or 1, vocabulary]; null if none were asked for */
  logits: L;
  cache: ActivationCache;
  basis: Basis;
}

/** @throws LabError "bad-input" for what is neither text nor a list of ids, or several of them */
export function asPrompt(what: Prompt, prependBos: boolean): PromptInput {
  if (isBatch(what)) {
    throw new LabError(
      "bad-input",
      "one prompt is needed here, text or a list of token ids; this is a list of prompts",
    );
  }
  if (typeof what === "string") return { text: what, prependBos };
  if (Symbol.iterator in new Object(what)) return { ids: [...what] };
  throw new LabError("bad-input", `a prompt is text or a list of token ids, not ${String(what)}`);
}

/** Whether there are several prompts: a list of texts, or of lists of ids. */
export const isBatch = (what: Prompt | readonly Prompt[]): what is readonly Prompt[] =>
  Array.isArray(what) && what.length > 0 && typeof what[0] !== "number";

/** @throws LabError "bad-input" */
export function checkBasis(basis: Basis): void {
  if (Object.hasOwn(BASIS_NAME, basis)) return;
  throw new LabError("bad-input", `there is no basis ${shownValue(basis)}; use "raw" or "tl"`);
}

/** What the helpers of a run's cache need to know. */
export const cacheContext = (
  client: LabClient,
  info: ModelInfo,
  tokenId: (text: string) => number,
  run: { basis: Basis; lengths: readonly number[]; edited: readonly string[] },
): CacheContext => ({
  config: info.config,
  hooks: info.hooks,
  basis: run.basis,
  lengths: run.lengths,
  edited: new Set(run.edited),
  tokenId,
  weight: (name) => client.call("model.weight", { name, basis: run.basis }),
  unembedding: (tokens, bare) =>
    client.call("model.unembedding", { tokens, basis: run.basis, bare }),
});

export async function runWithCache(
  client: LabClient,
  info: ModelInfo,
  tokenId: (text: string) => number,
  prompts: readonly Prompt[],
  options: RunOptions,
): Promise<BatchRun<TensorData | null>> {
  checkOptions<RunOptions>("runWithCache", options, RUN_OPTIONS);
  const { names, basis = "raw", logits: which = "all", prependBos = true, signal } = options;
  const edits = editList(options.edits ?? []);
  checkBasis(basis);
  checkChoice('"logits"', which, ["all", "last", "none"]);
  const wanted = resolveHooks(names ?? ((name) => !isOnRequest(name)), info.hooks);
  const { tokens, logits, cache } = await client.call(
    "model.runWithCache",
    {
      prompts: prompts.map((prompt) => asPrompt(prompt, prependBos)),
      names: wanted,
      edits,
      basis,
      ...(which !== "all" && { logits: which }),
    },
    { signal },
  );
  const context = cacheContext(client, info, tokenId, {
    basis,
    lengths: tokens.map(({ ids }) => ids.length),
    edited: edits.map(({ hook }) => hook),
  });
  return {
    tokens: tokens.map((each) => ({ ...each, strings: each.strings.map(readable) })),
    logits: which === "none" ? null : logits,
    cache: new ActivationCache(cache, context),
    basis,
  };
}
