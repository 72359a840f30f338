/** The training form: what was typed, whether it can be used, and how large the SAE will be. Pure. */
import { blockHook, parseHook, SAE_SITES } from "../core/hooks.ts";
import type { SaeVariant, TrainRequest } from "../core/sae.ts";
import type { Gpt2Config } from "../core/types.ts";
import { hookWidth } from "./sae-fit.ts";

/** Numbers stay as typed, so that "1e-" may become "1e-3". `hook: null` is the default for the model on the bench. */
export interface TrainForm {
  name: string;
  hook: string | null;
  /** d_sae as a multiple of the hook's width. */
  expansion: string;
  variant: SaeVariant;
  l1: string;
  k: string;
  lr: string;
  batchSize: string;
  tokens: string;
  seed: string;
}
export const DEFAULT_TRAIN_FORM: TrainForm = {
  name: "",
  hook: null,
  expansion: "8",
  variant: "topk",
  l1: "2",
  k: "32",
  lr: "1e-3",
  batchSize: "1024",
  tokens: "500000",
  seed: "0",
};
export const EXPANSIONS = [2, 4, 8, 16, 32];

export type TrainProblems = Partial<Record<keyof TrainForm, string>>;
export interface TrainPlan {
  /** null while the form has problems */
  request: TrainRequest | null;
  problems: TrainProblems;
  hook: string;
  dIn: number;
  dSae: number;
  /** 2·D·F + F + D */
  parameters: number;
  /** Float32 bytes of the SAE as stored. */
  bytes: number;
  /** …and while it trains: weights, gradients and Adam's two moments. */
  trainingBytes: number;
  steps: number;
}

/** The residual stream after the middle block. */
export const defaultHook = ({ n_layer }: Pick<Gpt2Config, "n_layer">): string =>
  blockHook(Math.floor((n_layer - 1) / 2), "hook_resid_post");

/** Hook points an SAE can be trained on, in forward order. */
export const trainableHooks = ({ n_layer }: Pick<Gpt2Config, "n_layer">): string[] =>
  Array.from({ length: n_layer }, (_, layer) =>
    SAE_SITES.map((site) => blockHook(layer, site)),
  ).flat();

const LIMITS = {
  expansion: { what: "The width", min: 1, max: 64, whole: false, unit: "times the hook's width" },
  l1: { what: "λ", min: 0, max: 1e4, whole: false, unit: "" },
  k: { what: "k", min: 1, max: Infinity, whole: true, unit: "features" },
  lr: { what: "The learning rate", min: 1e-7, max: 1, whole: false, unit: "" },
  batchSize: { what: "The batch", min: 16, max: 65536, whole: true, unit: "tokens" },
  tokens: { what: "The budget", min: 1000, max: 1e10, whole: true, unit: "tokens" },
  seed: { what: "The seed", min: 0, max: 2 ** 32 - 1, whole: true, unit: "" },
} as const;
type NumberField = keyof typeof LIMITS;

/** "1,000,000" and "1 000 000" are numbers as people write them. NaN if it is none. */
export function readNumber(text: string): number {
  const plain = text.trim().replace(/(?<=\d)[, _](?=\d{3})/g, "");
  return plain === "" ? NaN : Number(plain);
}

const say = (n: number) => n.toLocaleString("en-US", { maximumSignificantDigits: 6 });

function problemOf(field: NumberField, value: number, text: string): string | null {
  const { what, min, max, whole, unit } = LIMITS[field];
  const of = unit ? ` ${unit}` : "";
  if (Number.isNaN(value)) return `${what} must be a number, got “${text.trim()}”.`;
  if (whole && !Number.isInteger(value))
    return `${what} must be a whole number${of && ` of${of}`}.`;
  if (value < min || value > max) {
    const range = max === Infinity ? `at least ${say(min)}` : `from ${say(min)} to ${say(max)}`;
    return `${what} must be ${range}${of}, got ${say(value)}.`;
  }
  return null;
}

/** Reads the form for a model. Problems are named by field; sizes are given as soon as they can be told. */
export function planTraining(form: TrainForm, config: Gpt2Config): TrainPlan {
  const hook =
    form.hook !== null && hookExists(form.hook, config) ? form.hook : defaultHook(config);
  const dIn = hookWidth(hook, config) ?? config.n_embd;
  const unused: NumberField = form.variant === "topk" ? "l1" : "k";
  const numbers = {} as Record<NumberField, number>;
  const problems: TrainProblems = {};
  for (const field of Object.keys(LIMITS) as NumberField[]) {
    numbers[field] = readNumber(form[field]);
    if (field === unused) continue;
    const problem = problemOf(field, numbers[field], form[field]);
    if (problem) problems[field] = problem;
  }
  const { expansion, l1, k, lr, batchSize, tokens, seed } = numbers;
  const dSae = Math.round(expansion * dIn);
  if (form.variant === "topk" && !problems.k && !problems.expansion && k > dSae) {
    problems.k = `k must be at most the number of features, ${say(dSae)}, got ${say(k)}.`;
  }
  if (!problems.tokens && !problems.batchSize && tokens < batchSize) {
    problems.tokens = `The budget must hold at least one batch of ${say(batchSize)} tokens.`;
  }
  const parameters = 2 * dIn * dSae + dSae + dIn;
  const sparsity = form.variant === "topk" ? { k } : { l1 };
  const name = form.name.trim();
  const request: TrainRequest = {
    ...(name && { name }),
    ...{ hook, dSae, variant: form.variant, ...sparsity, lr, batchSize, tokens, seed },
  };
  return {
    request: Object.keys(problems).length === 0 ? request : null,
    ...{ problems, hook, dIn, dSae, parameters },
    bytes: 4 * parameters,
    trainingBytes: 16 * parameters,
    steps: Math.ceil(tokens / batchSize),
  };
}

function hookExists(hook: string, config: Gpt2Config): boolean {
  try {
    return trainableHooks(config).includes(parseHook(hook, config).name);
  } catch {
    return false; // a hook of the model that was on the bench before
  }
}
