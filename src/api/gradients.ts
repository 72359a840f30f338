/** `lab.model.gradients` and `lab.model.integratedGradients`: what a metric depends on. */
import { type HookFilter, resolveHooks } from "../core/act-names.ts";
import type { Basis } from "../core/basis.ts";
import type { Edit } from "../core/edits.ts";
import { LabError } from "../core/lab-error.ts";
import {
  type IntegrationPath,
  type Metric,
  METRIC_KINDS,
  type ReferenceRun,
} from "../core/metric.ts";
import type { ModelInfo } from "../core/model-info.ts";
import type { TensorData } from "../core/types.ts";
import type { LabClient } from "../rpc/client.ts";
import { checkOptions, editList, shownValue } from "./options.ts";
import { asPrompt, checkBasis, isBatch, type Prompt } from "./run.ts";

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
export interface IntegrationOptions extends GradientOptions, IntegrationPath {
  onProgress?: (progress: { done: number; total: number }) => void;
}

export interface GradientMethods {
  /**
   * d metric / d activation at hook points: one forward and one backward pass, and one more of both, as far as its hook, for each
   * hook where a projection or an SAE's change comes after one that is named.
   */
  gradients(
    what: Prompt,
    metric: MetricRequest,
    names: HookFilter,
    options?: GradientOptions,
  ): Promise<{ value: number; gradients: Map<string, TensorData>; basis: Basis }>;
  /** (x − x₀) ⊙ the mean gradient from x₀ to x, each hook point by itself. */
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
    basis: Basis;
  }>;
}

const GRADIENT_OPTIONS: Record<keyof GradientOptions, true> = {
  edits: true,
  basis: true,
  prependBos: true,
  signal: true,
};
const INTEGRATION_OPTIONS: Record<keyof IntegrationOptions, true> = {
  edits: true,
  basis: true,
  steps: true,
  from: true,
  prependBos: true,
  onProgress: true,
  signal: true,
};
/** What a metric of each kind must tell, and what it may. */
const METRIC_KEYS: Record<Metric["kind"], { needed: string[]; more: string[] }> = {
  logitDiff: { needed: ["token", "against"], more: ["pos"] },
  logProb: { needed: ["token"], more: ["pos"] },
  prob: { needed: ["token"], more: ["pos"] },
  loss: { needed: [], more: [] },
  kl: { needed: ["reference"], more: ["pos"] },
  feature: { needed: ["saeId", "feature"], more: ["preActivation", "pos"] },
};

/** A key under another name would leave a run to be compared with itself. */
const isReference = (value: unknown): boolean =>
  typeof value === "object" &&
  value !== null &&
  Object.keys(value).every((key) => key === "prompt" || key === "edits");

export function gradientMethods(
  client: LabClient,
  info: ModelInfo,
  tokenId: (text: string) => number,
): GradientMethods {
  const question = (what: Prompt, metric: MetricRequest, names: HookFilter, options: Options) => ({
    prompt: asPrompt(what, options.prependBos ?? true),
    metric: readTokens(metric, tokenId),
    names: resolveHooks(names, info.hooks),
    edits: editList(options.edits ?? []),
  });
  return {
    gradients: async (what, metric, names, options = {}) => {
      checkOptions<GradientOptions>("gradients", options, GRADIENT_OPTIONS);
      const { basis = "raw" } = options;
      checkBasis(basis);
      const { value, gradients } = await client.call(
        "model.gradients",
        { ...question(what, metric, names, options), basis },
        { signal: options.signal },
      );
      return { value, gradients: new Map(gradients), basis };
    },
    integratedGradients: async (what, metric, names, options = {}) => {
      checkOptions<IntegrationOptions>("integratedGradients", options, INTEGRATION_OPTIONS);
      const { basis = "raw", steps, from, signal, onProgress } = options;
      checkBasis(basis);
      if (from !== undefined) checkOrigin(from);
      const path = { ...(steps !== undefined && { steps }), ...(from !== undefined && { from }) };
      const { value, attributions, changes } = await client.call(
        "model.integratedGradients",
        { ...question(what, metric, names, options), basis, path },
        { signal, onProgress },
      );
      return {
        value,
        attributions: new Map(attributions),
        changes: new Map(changes),
        basis,
      };
    },
  };
}

function checkOrigin(from: unknown): void {
  if (from === "zero") return;
  const prompt = (from as { prompt?: unknown } | null)?.prompt;
  if (typeof prompt === "string" || (Array.isArray(prompt) && !isBatch(prompt as Prompt))) return;
  throw new LabError(
    "bad-input",
    `"from" is "zero" or { prompt: … }, text or token ids of another prompt, not ${shownValue(from)}`,
  );
}

/** @throws LabError "bad-input" naming a key that is missing, or that a metric of this kind does not have */
function checkKeys(metric: MetricRequest): void {
  const { needed, more } = METRIC_KEYS[metric.kind];
  const given = Object.entries(metric).flatMap(([key, value]) => (value === undefined ? [] : key));
  const missing = needed.find((key) => !given.includes(key));
  if (missing !== undefined) {
    throw new LabError(
      "bad-input",
      `a metric "${metric.kind}" takes "${missing}", which is missing`,
    );
  }
  const known = [...needed, ...more];
  const wrong = given.find((key) => key !== "kind" && !known.includes(key));
  if (wrong === undefined) return;
  throw new LabError(
    "bad-input",
    `a metric "${metric.kind}" has no key "${wrong}"; there ${known.length > 0 ? `are ${known.join(", ")}` : "is none"}`,
  );
}

/** @throws LabError "bad-input" for what is no metric, or a text that is not one token */
function readTokens(metric: MetricRequest, tokenId: (text: string) => number): Metric {
  const kind = (metric as MetricRequest | null | undefined)?.kind;
  if (kind === undefined || !METRIC_KINDS.includes(kind)) {
    const given = kind === undefined ? shownValue(metric) : shownValue(kind);
    const some = METRIC_KINDS.join(", ");
    throw new LabError(
      "bad-input",
      `there is no metric ${given}; write one like { kind: "logProb", token: " Mary" }, of the kinds ${some}`,
    );
  }
  if (metric.kind === "kl" && !isReference(metric.reference)) {
    throw new LabError(
      "bad-input",
      `a metric "kl" needs a reference like { prompt: "…" } or { edits: […] }, not ${shownValue(metric.reference)}`,
    );
  }
  checkKeys(metric);
  const id = (token: TokenRef) => (typeof token === "string" ? tokenId(token) : token);
  if (metric.kind === "logitDiff") {
    return { ...metric, token: id(metric.token), against: id(metric.against) };
  }
  if (metric.kind === "logProb" || metric.kind === "prob") {
    return { ...metric, token: id(metric.token) };
  }
  return metric;
}
