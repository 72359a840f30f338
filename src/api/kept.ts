/** `lab.model.keep`: activations that stay in the worker, on the GPU where there is one, until they are read. */
import { type HookFilter, resolveHook, resolveHooks } from "../core/act-names.ts";
import type { Edit } from "../core/edits.ts";
import { readable } from "../core/token-bytes.ts";
import type { ModelInfo } from "../core/model-info.ts";
import type { TensorData, Tokens } from "../core/types.ts";
import type { LabClient } from "../rpc/client.ts";
import { checkOptions, editList } from "./options.ts";
import { asPrompt, isBatch, type Prompt } from "./run.ts";

export interface KeepOptions {
  edits?: readonly Edit[];
  /** For text only; ids are taken as they are. @default true */
  prependBos?: boolean;
  signal?: AbortSignal;
}

/** Takes up memory until it is released. */
export interface Kept {
  /** Of each prompt; shorter ones are padded on the right. */
  tokens: Tokens[];
  /** Edits were meant in it, and values are told in it. */
  basis: "raw";
  /** By hook name: [B, …]. */
  dims: ReadonlyMap<string, readonly number[]>;
  /** One activation, copied to the page; NaN beyond a prompt's own tokens. */
  read(name: string): Promise<TensorData>;
  release(): Promise<void>;
}

export interface KeepMethods {
  /** Runs as far as the last of these hook points, without logits, and keeps what is there. */
  keep(what: Prompt | readonly Prompt[], names: HookFilter, options?: KeepOptions): Promise<Kept>;
}

const KEEP_OPTIONS: Record<keyof KeepOptions, true> = {
  edits: true,
  prependBos: true,
  signal: true,
};

export const keepMethods = (client: LabClient, info: ModelInfo): KeepMethods => ({
  keep: async (what, names, options = {}) => {
    checkOptions<KeepOptions>("keep", options, KEEP_OPTIONS);
    const { edits = [], prependBos = true, signal } = options;
    const prompts = isBatch(what) ? what : [what];
    const { id, tokens, dims } = await client.call(
      "kept.run",
      {
        prompts: prompts.map((prompt) => asPrompt(prompt, prependBos)),
        names: resolveHooks(names, info.hooks),
        edits: editList(edits),
      },
      { signal },
    );
    return {
      tokens: tokens.map((each) => ({ ...each, strings: each.strings.map(readable) })),
      basis: "raw",
      dims: new Map(dims),
      read: (name) => client.call("kept.read", { id, name: resolveHook(name, info.hooks) }),
      release: async () => void (await client.call("kept.release", { id })),
    };
  },
});
