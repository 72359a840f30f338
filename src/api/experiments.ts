/** `lab.model.runExperiments`: one prompt with many lists of edits, a row of the answer each. */
import { type HookFilter, resolveHooks } from "../core/act-names.ts";
import type { Basis } from "../core/basis.ts";
import type { Edit } from "../core/edits.ts";
import type { ExperimentRows } from "../core/experiments.ts";
import { LabError } from "../core/lab-error.ts";
import { readable } from "../core/token-bytes.ts";
import type { ModelInfo } from "../core/model-info.ts";
import type { TensorData, Tokens } from "../core/types.ts";
import type { LabClient } from "../rpc/client.ts";
import { ActivationCache } from "./activation-cache.ts";
import { checkChoice, checkOptions, editList } from "./options.ts";
import { asPrompt, cacheContext, checkBasis, type Prompt } from "./run.ts";

export interface ExperimentProgress extends Omit<ExperimentRows, "cache"> {
  cache: Map<string, TensorData>;
}
export interface ExperimentOptions {
  /** Edits that are in force in all of them, before their own. */
  edits?: readonly Edit[];
  /** Hook points to return. @default none */
  names?: HookFilter;
  /** Of all positions, of the last, or none. @default "last" */
  logits?: "all" | "last" | "none";
  /** @default "raw" */
  basis?: Basis;
  /** For text only; ids are taken as they are. @default true */
  prependBos?: boolean;
  /** Each time some are done, with what came of them, by their index in the list (not in its order). */
  onProgress?: (progress: ExperimentProgress) => void;
  /** Whether the answer has all results too; without, they come by `onProgress` alone, and take no memory. @default true */
  keep?: boolean;
  signal?: AbortSignal;
}
export interface ExperimentRun {
  tokens: Tokens;
  /** [B, T or 1, vocabulary], in the order given; null without logits, or without `keep` */
  logits: TensorData | null;
  /** [B, …]; empty without `keep` */
  cache: ActivationCache;
  basis: Basis;
}

export interface ExperimentMethods {
  /**
   * The same prompt with each of these lists of edits, many in one forward pass: rows that are alike are computed as one,
   * and as many go side by side as fit.
   */
  runExperiments(
    what: Prompt,
    experiments: readonly (readonly Edit[])[],
    options?: ExperimentOptions,
  ): Promise<ExperimentRun>;
}

export const experimentMethods = (
  client: LabClient,
  info: ModelInfo,
  tokenId: (text: string) => number,
): ExperimentMethods => ({
  runExperiments: (what, experiments, options = {}) =>
    runExperiments(client, info, tokenId, what, experiments, options),
});

const EXPERIMENT_OPTIONS: Record<keyof ExperimentOptions, true> = {
  edits: true,
  names: true,
  logits: true,
  basis: true,
  prependBos: true,
  onProgress: true,
  keep: true,
  signal: true,
};

function readExperiments(given: unknown): Edit[][] {
  if (Array.isArray(given) && given.every((one) => Array.isArray(one))) {
    return given.map((edits, i) => editList(edits, `experiment ${i}`));
  }
  throw new LabError(
    "bad-input",
    `each experiment is a list of edits, so experiments are a list of lists like [[{ hook, op: "zero", head: 0 }]]`,
  );
}

async function runExperiments(
  client: LabClient,
  info: ModelInfo,
  tokenId: (text: string) => number,
  what: Prompt,
  experiments: readonly (readonly Edit[])[],
  options: ExperimentOptions,
): Promise<ExperimentRun> {
  checkOptions<ExperimentOptions>("runExperiments", options, EXPERIMENT_OPTIONS);
  const { names = [], logits = "last", basis = "raw", keep = true } = options;
  checkBasis(basis);
  checkChoice('"logits"', logits, ["all", "last", "none"]);
  const edits = editList(options.edits ?? []);
  const lists = readExperiments(experiments);
  const kept = new Map<string, TensorData>();
  const put = (name: string, { data, dims }: TensorData, rows: readonly number[]) => {
    const [, ...rest] = dims;
    const size = rest.reduce((a, b) => a * b, 1);
    const whole = kept.get(name) ?? {
      data: new Float32Array(experiments.length * size),
      dims: [experiments.length, ...rest],
    };
    kept.set(name, whole);
    rows.forEach((row, i) => {
      whole.data.set(data.subarray(i * size, (i + 1) * size), row * size);
    });
  };
  const { tokens } = await client.call(
    "model.runExperiments",
    {
      prompt: asPrompt(what, options.prependBos ?? true),
      experiments: lists,
      edits,
      names: resolveHooks(names, info.hooks),
      logits,
      basis,
    },
    {
      signal: options.signal,
      onProgress: (rows) => {
        if (keep && rows.logits) put("logits", rows.logits, rows.experiments);
        if (keep) for (const [name, tensor] of rows.cache) put(name, tensor, rows.experiments);
        options.onProgress?.({ ...rows, cache: new Map(rows.cache) });
      },
    },
  );
  const found = kept.get("logits") ?? null;
  kept.delete("logits");
  const context = cacheContext(client, info, tokenId, {
    basis,
    lengths: experiments.map(() => tokens.ids.length),
    edited: [edits, ...experiments].flat().map(({ hook }) => hook),
  });
  return {
    tokens: { ...tokens, strings: tokens.strings.map(readable) },
    logits: found,
    cache: new ActivationCache(kept, context),
    basis,
  };
}
