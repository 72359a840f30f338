/** `lab.model.runWithCache`: one prompt or several, the activations that were asked for, in the basis that was asked for. */
import { type HookFilter, resolveHooks } from "../core/act-names.ts";
import { type Basis, BASIS_NAME } from "../core/basis.ts";
import { isOnRequest } from "../core/hooks.ts";
import { LabError } from "../core/lab-error.ts";
import { readable } from "../core/token-bytes.ts";
import type { Edit, ModelInfo, TensorData, Tokens } from "../core/types.ts";
import type { LabClient } from "../rpc/client.ts";
import type { PromptInput } from "../rpc/contract.ts";
import { ActivationCache } from "./activation-cache.ts";
import type { CacheContext } from "./cache-types.ts";

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
  /** For text only; ids are taken as they are. @default true */
  prependBos?: boolean;
  signal?: AbortSignal;
}

/** Of one prompt: B is 1. */
export interface Run {
  tokens: Tokens;
  /** [1, T, vocabulary] */
  logits: TensorData;
  cache: ActivationCache;
  basis: Basis;
}
/**
 * Of several prompts, padded on the right to the longest; beyond a prompt's own tokens everything is NaN.
 * `cache.row(i)` is one of them, without padding.
 */
export interface BatchRun {
  tokens: Tokens[];
  /** [B, T, vocabulary] */
  logits: TensorData;
  cache: ActivationCache;
  basis: Basis;
}

/** @throws LabError "bad-input" for what is neither text nor a list of ids */
export function asPrompt(what: Prompt, prependBos: boolean): PromptInput {
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
  throw new LabError("bad-input", `there is no basis ${JSON.stringify(basis)}; use "raw" or "tl"`);
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
  { names, edits = [], basis = "raw", prependBos = true, signal }: RunOptions,
): Promise<BatchRun> {
  checkBasis(basis);
  const wanted = resolveHooks(names ?? ((name) => !isOnRequest(name)), info.hooks);
  const { tokens, logits, cache } = await client.call(
    "model.runWithCache",
    {
      prompts: prompts.map((prompt) => asPrompt(prompt, prependBos)),
      names: wanted,
      edits: [...edits],
      basis,
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
    logits,
    cache: new ActivationCache(cache, context),
    basis,
  };
}
