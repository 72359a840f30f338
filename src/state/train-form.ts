/** The training form: what was typed, whether it can be used, and how large the SAE will be. Pure. */
import { blockHook, parseHook, SAE_SITES } from "../core/hooks.ts";
import {
  type AskedRecipe,
  DEFAULT_PACE,
  defaultRecipe,
  halvedWidths,
  type RecipeOf,
  type TrainVariant,
} from "../core/sae-recipe.ts";
import { trainedVariant, type TrainRequest, weightCount } from "../core/sae.ts";
import type { Gpt2Config } from "../core/types.ts";
import { hookWidth } from "./sae-fit.ts";

/** Numbers stay as typed, so that "1e-" may become "1e-3". `hook: null` is the default for the model on the bench. */
export interface TrainForm {
  name: string;
  hook: string | null;
  /** d_sae as a multiple of the hook's width. */
  expansion: string;
  variant: TrainVariant;
  l1: string;
  decoderNorm: RecipeOf<"standard">["decoderNorm"];
  k: string;
  targetL0: string;
  l0Weight: string;
  bandwidth: string;
  /** How many nested widths, each half of the next. */
  levels: string;
  lr: string;
  batchSize: string;
  tokens: string;
  seed: string;
  /** These three in percent of the steps. */
  lrWarmUp: string;
  lrDecay: string;
  sparsityWarmUp: string;
  /** Ids of the user's texts to read, with spaces between them; "": the lab's corpus. */
  texts: string;
  /** "yes" to keep all that it takes to fork the run when it has ended. */
  keepState: string;
}
const percent = (share: number) => String(100 * share);
const DEFAULT = {
  standard: defaultRecipe("standard", 1) as RecipeOf<"standard">,
  topk: defaultRecipe("topk", 1) as RecipeOf<"topk">,
  jumprelu: defaultRecipe("jumprelu", 1) as RecipeOf<"jumprelu">,
};
export const DEFAULT_TRAIN_FORM: TrainForm = {
  name: "",
  hook: null,
  expansion: "8",
  variant: "topk",
  l1: String(DEFAULT.standard.l1),
  decoderNorm: DEFAULT.standard.decoderNorm,
  k: String(DEFAULT.topk.k),
  targetL0: String(DEFAULT.jumprelu.targetL0),
  l0Weight: String(DEFAULT.jumprelu.l0Weight),
  bandwidth: String(DEFAULT.jumprelu.bandwidth),
  levels: "5",
  lr: "1e-3",
  batchSize: String(DEFAULT_PACE.batchSize),
  tokens: "500000",
  seed: "0",
  lrWarmUp: percent(DEFAULT_PACE.lrWarmUp),
  lrDecay: percent(DEFAULT_PACE.lrDecay),
  sparsityWarmUp: percent(DEFAULT_PACE.sparsityWarmUp),
  texts: "",
  keepState: "",
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
  parameters: number;
  /** Float32 bytes of the SAE as stored. */
  bytes: number;
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

const share = (what: string) => ({ what, min: 0, max: 100, whole: false, unit: "percent" });
const LIMITS = {
  expansion: { what: "The width", min: 1, max: 64, whole: false, unit: "times the hook's width" },
  l1: { what: "λ", min: 0, max: 1e4, whole: false, unit: "" },
  k: { what: "k", min: 1, max: Infinity, whole: true, unit: "features" },
  targetL0: { what: "The target", min: 1, max: Infinity, whole: false, unit: "features" },
  l0Weight: { what: "The weight", min: 0, max: 1e4, whole: false, unit: "" },
  bandwidth: { what: "The bandwidth", min: 1e-4, max: 10, whole: false, unit: "" },
  levels: { what: "The number of widths", min: 1, max: 10, whole: true, unit: "" },
  lr: { what: "The learning rate", min: 1e-7, max: 1, whole: false, unit: "" },
  batchSize: { what: "The batch", min: 16, max: 65536, whole: true, unit: "tokens" },
  tokens: { what: "The budget", min: 1000, max: 1e10, whole: true, unit: "tokens" },
  seed: { what: "The seed", min: 0, max: 2 ** 32 - 1, whole: true, unit: "" },
  lrWarmUp: share("The warm-up"),
  lrDecay: share("The decay"),
  sparsityWarmUp: share("The penalty's warm-up"),
} as const;
export type NumberField = keyof typeof LIMITS;
type Numbers = Record<NumberField, number>;

const ALWAYS: readonly NumberField[] = [
  ...(["expansion", "lr", "batchSize", "tokens", "seed", "lrWarmUp", "lrDecay"] as const),
];
/** The numbers that a variant needs beside those. */
const NEEDS: Record<TrainVariant, readonly NumberField[]> = {
  standard: ["l1", "sparsityWarmUp"],
  topk: ["k"],
  batchtopk: ["k"],
  matryoshka: ["k", "levels"],
  jumprelu: ["targetL0", "l0Weight", "bandwidth", "sparsityWarmUp"],
  gated: ["l1", "sparsityWarmUp"],
};
export const needs = (variant: TrainVariant, field: NumberField): boolean =>
  NEEDS[variant].includes(field);

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
  const { variant } = form;
  const used = [...ALWAYS, ...NEEDS[variant]];
  const numbers = {} as Numbers;
  const problems: TrainProblems = {};
  for (const field of Object.keys(LIMITS) as NumberField[]) {
    numbers[field] = readNumber(form[field]);
    const problem = used.includes(field) && problemOf(field, numbers[field], form[field]);
    if (problem) problems[field] = problem;
  }
  const { expansion, lr, batchSize, tokens, seed } = numbers;
  const dSae = Math.round(expansion * dIn);
  for (const field of ["k", "targetL0"] as const) {
    if (!needs(variant, field) || problems[field] || problems.expansion) continue;
    if (numbers[field] <= dSae) continue;
    const { what } = LIMITS[field];
    problems[field] =
      `${what} must be at most the number of features, ${say(dSae)}, got ${say(numbers[field])}.`;
  }
  if (!problems.tokens && !problems.batchSize && tokens < batchSize) {
    problems.tokens = `The budget must hold at least one batch of ${say(batchSize)} tokens.`;
  }
  const parameters = weightCount({ variant: trainedVariant(variant), dIn, dSae });
  const name = form.name.trim();
  const shareOf = (field: NumberField) => numbers[field] / 100;
  const request = (): TrainRequest => ({
    ...askedRecipe(form, numbers, dSae),
    ...(name && { name }),
    ...{ hook, dSae, lr, batchSize, tokens, seed },
    ...{ lrWarmUp: shareOf("lrWarmUp"), lrDecay: shareOf("lrDecay") },
    ...(needs(variant, "sparsityWarmUp") && { sparsityWarmUp: shareOf("sparsityWarmUp") }),
    ...(form.keepState === "yes" && { keepState: true }),
  });
  return {
    request: Object.keys(problems).length === 0 ? request() : null,
    ...{ problems, hook, dIn, dSae, parameters },
    bytes: 4 * parameters,
    steps: Math.ceil(tokens / batchSize),
  };
}

function askedRecipe({ variant, decoderNorm }: TrainForm, n: Numbers, dSae: number): AskedRecipe {
  switch (variant) {
    case "standard":
      return { variant, l1: n.l1, decoderNorm };
    case "topk":
    case "batchtopk":
      return { variant, k: n.k };
    case "matryoshka":
      return { variant, k: n.k, widths: halvedWidths(dSae, n.levels) };
    case "jumprelu":
      return { variant, targetL0: n.targetL0, l0Weight: n.l0Weight, bandwidth: n.bandwidth };
    case "gated":
      return { variant, l1: n.l1 };
  }
}

function hookExists(hook: string, config: Gpt2Config): boolean {
  try {
    return trainableHooks(config).includes(parseHook(hook, config).name);
  } catch {
    return false; // a hook of the model that was on the bench before
  }
}
