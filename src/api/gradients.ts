/** `lab.model.gradients` and `lab.model.integratedGradients`: what a metric depends on. */
import { type HookFilter, resolveHooks } from "../core/act-names.ts";
import type { Basis } from "../core/basis.ts";
import type { Edit } from "../core/edits.ts";
import type { IntegrationPath, Metric, ReferenceRun } from "../core/metric.ts";
import type { ModelInfo, TensorData } from "../core/types.ts";
import type { LabClient } from "../rpc/client.ts";
import { asPrompt, type Prompt } from "./run.ts";

/** A token by its id or by its text, which must be one token (" Mary"). */
export type TokenRef = number | string;

/** As `core/metric.ts` defines them. Positions may be negative. @default of `pos` the last one */
export type MetricRequest =
  | { kind: "logitDiff"; token: TokenRef; against: TokenRef; pos?: number }
  | { kind: "logProb"; token: TokenRef; pos?: number }
  | { kind: "prob"; token: TokenRef; pos?: number }
  | { kind: "loss" }
  | { kind: "kl"; reference: ReferenceRun; pos?: number }
  | { kind: "feature"; saeId: string; feature: number; preActivation?: boolean; pos?: number };

interface Options {
  edits?: readonly Edit[];
  /** For text only; ids are taken as they are. @default true */
  prependBos?: boolean;
  signal?: AbortSignal;
}
export interface GradientOptions extends Options {
  /** @default "raw" */
  basis?: Basis;
}
export interface IntegrationOptions extends Options, IntegrationPath {
  onProgress?: (progress: { done: number; total: number }) => void;
}

export interface GradientMethods {
  /** d metric / d activation at hook points: one forward and one backward pass. */
  gradients(
    what: Prompt,
    metric: MetricRequest,
    names: HookFilter,
    options?: GradientOptions,
  ): Promise<{ value: number; gradients: Map<string, TensorData> }>;
  /** (x − x₀) ⊙ the mean gradient from x₀ to x, each hook point by itself; in the raw basis. */
  integratedGradients(
    what: Prompt,
    metric: MetricRequest,
    names: HookFilter,
    options?: IntegrationOptions,
  ): Promise<{
    value: number;
    attributions: Map<string, TensorData>;
    /** metric(x) − metric(x₀): what the attributions add up to when steps are many. */
    changes: Map<string, number>;
  }>;
}

export function gradientMethods(
  client: LabClient,
  info: ModelInfo,
  tokenId: (text: string) => number,
): GradientMethods {
  const question = (what: Prompt, metric: MetricRequest, names: HookFilter, options: Options) => ({
    prompt: asPrompt(what, options.prependBos ?? true),
    metric: readTokens(metric, tokenId),
    names: resolveHooks(names, info.hooks),
    edits: [...(options.edits ?? [])],
  });
  return {
    gradients: async (what, metric, names, options = {}) => {
      const { value, gradients } = await client.call(
        "model.gradients",
        { ...question(what, metric, names, options), basis: options.basis ?? "raw" },
        { signal: options.signal },
      );
      return { value, gradients: new Map(gradients) };
    },
    integratedGradients: async (what, metric, names, options = {}) => {
      const { steps, from, signal, onProgress } = options;
      const path = { ...(steps !== undefined && { steps }), ...(from !== undefined && { from }) };
      const { value, attributions, changes } = await client.call(
        "model.integratedGradients",
        { ...question(what, metric, names, options), path },
        { signal, onProgress },
      );
      return { value, attributions: new Map(attributions), changes: new Map(changes) };
    },
  };
}

function readTokens(metric: MetricRequest, tokenId: (text: string) => number): Metric {
  const id = (token: TokenRef) => (typeof token === "string" ? tokenId(token) : token);
  if (metric.kind === "logitDiff") {
    return { ...metric, token: id(metric.token), against: id(metric.against) };
  }
  if (metric.kind === "logProb" || metric.kind === "prob") {
    return { ...metric, token: id(metric.token) };
  }
  return metric;
}
