/** The training form: what was typed, whether it can be used, and how large the SAE will be. Pure. */
import { bufferRows, sweepMemory } from "../api/sae-cost.ts";
import {
  type AskedRecipe,
  DEFAULT_PACE,
  defaultRecipe,
  halvedWidths,
  type RecipeOf,
  type TrainVariant,
} from "../core/sae-recipe.ts";
import { trainedVariant, type SaeOutput, type TrainRequest, weightCount } from "../core/sae.ts";
import { MOST_MEMBERS } from "../core/sweep.ts";
import type { Gpt2Config } from "../core/types.ts";
import { hookWidth } from "./sae-fit.ts";
import { hookFor, outputFor, type Rebuilds } from "./train-hooks.ts";

/** Numbers stay as typed, so that "1e-" may become "1e-3". `hook: null` is the default for the model on the bench. */
export interface TrainForm {
  name: string;
  hook: string | null;
  /** What is rebuilt: what is read, or, by a transcoder, the MLP's output, with or without a skip connection. */
  rebuilds: Rebuilds;
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
  /** Of a sweep, lists with commas between: widths as multiples, and values of what says how sparse. "": the one above. */
  sweepWidths: string;
  sweepValues: string;
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
  rebuilds: "input",
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
  sweepWidths: "",
  sweepValues: "",
};
export const EXPANSIONS = [2, 4, 8, 16, 32];

export type TrainProblems = Partial<Record<keyof TrainForm, string>>;
export interface TrainPlan {
  /** null while the form has problems; of a sweep the first */
  request: TrainRequest | null;
  /** All that one run would train; none while the form has problems. */
  requests: TrainRequest[];
  problems: TrainProblems;
  hook: string;
  dIn: number;
  /** A transcoder's output. */
  out: SaeOutput | null;
  dSae: number;
  /** How many SAEs the lists of a sweep name; 1 without them. */
  members: number;
  /** Of all of them together, and so are the bytes. */
  parameters: number;
  /** Float32 bytes of the SAE as stored. */
  bytes: number;
  /** Of a step at its fullest, the others waiting: an estimate from above. */
  trainingBytes: number;
  steps: number;
}

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

/** A whole number to its last digit. */
const say = (n: number) =>
  n.toLocaleString("en-US", { maximumSignificantDigits: Number.isInteger(n) ? 21 : 6 });

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

/** The number of each variant that says how sparse. */
export const SPARSITY_FIELD = {
  standard: "l1",
  gated: "l1",
  topk: "k",
  batchtopk: "k",
  matryoshka: "k",
  jumprelu: "targetL0",
} as const satisfies Record<TrainVariant, NumberField>;

/** Reads the form for a model. Problems are named by field; sizes are given as soon as they can be told. */
export function planTraining(form: TrainForm, config: Gpt2Config): TrainPlan {
  const hook = hookFor(form, config);
  const dIn = hookWidth(hook, config) ?? config.n_embd;
  const out = outputFor(form, hook, config);
  const { variant } = form;
  const used = [...ALWAYS, ...NEEDS[variant]];
  const numbers = {} as Numbers;
  const problems: TrainProblems = {};
  for (const field of Object.keys(LIMITS) as NumberField[]) {
    numbers[field] = readNumber(form[field]);
    const problem = used.includes(field) && problemOf(field, numbers[field], form[field]);
    if (problem) problems[field] = problem;
  }
  const { batchSize, tokens } = numbers;
  const main = SPARSITY_FIELD[variant];
  const widths = readList(form, "sweepWidths", "expansion", problems) ?? [numbers.expansion];
  const values = readList(form, "sweepValues", main, problems) ?? [numbers[main]];
  const all = widths.flatMap((expansion) =>
    values.map((value): Numbers => ({ ...numbers, expansion, [main]: value })),
  );
  if (all.length > MOST_MEMBERS) {
    problems[widths.length > 1 ? "sweepWidths" : "sweepValues"] =
      `A sweep has at most ${MOST_MEMBERS} members, these lists name ${all.length}.`;
  }
  const widthOf = ({ expansion }: Numbers) => Math.round(expansion * dIn);
  const [most] = [...all].sort((a, b) => b[main] / widthOf(b) - a[main] / widthOf(a));
  const listed = values.length > 1 ? "sweepValues" : main;
  if (main !== "l1" && most && !problems[listed] && !problems.expansion && !problems.sweepWidths) {
    const dSae = widthOf(most);
    if (most[main] > dSae) {
      problems[listed] =
        `${LIMITS[main].what} must be at most the number of features, ${say(dSae)}, got ${say(most[main])}.`;
    }
  }
  if (!problems.tokens && !problems.batchSize && tokens < batchSize) {
    problems.tokens = `The budget must hold at least one batch of ${say(batchSize)} tokens.`;
  }
  const shapes = all.map((member) => ({
    ...{ variant: trainedVariant(variant), dIn, dSae: widthOf(member) },
    ...(out && { out }),
  }));
  const sizes = shapes.map((shape) => ({
    ...{ parameters: weightCount(shape), dIn, ...(out && { dOut: out.width }) },
    ...{ dSae: shape.dSae, batchSize },
    bufferRows: bufferRows(batchSize, dIn + (out?.width ?? 0), tokens),
  }));
  const parameters = sizes.reduce((sum, size) => sum + size.parameters, 0);
  const sound = Object.keys(problems).length === 0;
  const requests = sound
    ? all.map((member) => requestOf(form, member, { hook, out, dSae: widthOf(member) }, all.length))
    : [];
  return {
    ...{ request: requests[0] ?? null, requests, problems, hook, dIn, out, parameters },
    ...{ dSae: widthOf(all[0]!), members: all.length },
    bytes: 4 * parameters,
    trainingBytes: sweepMemory(sizes).total,
    steps: Math.ceil(tokens / batchSize),
  };
}

function requestOf(
  form: TrainForm,
  numbers: Numbers,
  { hook, out, dSae }: { hook: string; out: SaeOutput | null; dSae: number },
  members: number,
): TrainRequest {
  const { variant } = form;
  const { lr, batchSize, tokens, seed } = numbers;
  const shareOf = (field: NumberField) => numbers[field] / 100;
  const given = form.name.trim();
  const own = ` · ${dSae} · ${say(numbers[SPARSITY_FIELD[variant]])}`;
  const name = given && (members > 1 ? given + own : given);
  return {
    ...askedRecipe(form, numbers, dSae),
    ...(name && { name }),
    ...{ hook, dSae, lr, batchSize, tokens, seed },
    ...(out && { out: { hook: out.hook, skip: out.skip } }),
    ...{ lrWarmUp: shareOf("lrWarmUp"), lrDecay: shareOf("lrDecay") },
    ...(needs(variant, "sparsityWarmUp") && { sparsityWarmUp: shareOf("sparsityWarmUp") }),
    ...(form.keepState === "yes" && { keepState: true }),
  };
}

/** The numbers of a list, each within the limits of the field that it stands for; null for an empty one. */
function readList(
  form: TrainForm,
  list: "sweepWidths" | "sweepValues",
  field: NumberField,
  problems: TrainProblems,
): number[] | null {
  const texts = form[list].split(/[\s,;]+/).filter((text) => text !== "");
  if (texts.length === 0) return null;
  const numbers = texts.map(Number);
  const problem = texts
    .map((text, i) => problemOf(field, numbers[i]!, text))
    .find((found) => found !== null);
  if (problem) problems[list] = problem;
  else if (new Set(numbers).size < numbers.length) problems[list] = "A value is there twice.";
  return numbers;
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
