/** What was asked to be trained → a plan that can be run, or an error that says which value is wrong and what is allowed. */
import {
  BLOCK_SITES,
  blockHook,
  type BlockSite,
  parseHook,
  SAE_SITES,
  TRANSCODER_INPUTS,
  TRANSCODER_OUTPUT,
} from "../core/hooks.ts";
import { LabError } from "../core/lab-error.ts";
import { quoted } from "../core/quoted.ts";
import {
  DECODER_NORMS,
  DEFAULT_PACE,
  defaultRecipe,
  type Pace,
  type Recipe,
  type RecipeOf,
  recipeWords,
  TRAIN_VARIANTS,
} from "../core/sae-recipe.ts";
import { type SaeConfig, trainedVariant, type TrainRequest, weightCount } from "../core/sae.ts";
import type { ModelInfo } from "../core/model-info.ts";
import type { Gpt2Config } from "../core/types.ts";
import type { Plan } from "../train/schedule.ts";
import { contextSizeFor } from "./corpus.ts";

const MAX_EXPANSION = 64;

/** Values per token at a hook an SAE may read and write. @throws LabError "bad-input" for any other hook */
export function saeWidth(hook: string, config: Gpt2Config): number {
  return widthAmong(SAE_SITES, "an SAE cannot be trained on", hook, config);
}

function widthAmong(
  sites: readonly BlockSite[],
  cannot: string,
  hook: string,
  config: Gpt2Config,
): number {
  const { site, layer } = parseHook(hook, config);
  const known = sites.find((name) => name === site);
  if (layer === null || known === undefined) {
    throw new LabError(
      "bad-input",
      `${cannot} ${hook}; possible in each block are ${sites.join(", ")}`,
    );
  }
  const size = {
    d: config.n_embd,
    m: config.n_inner,
    H: config.n_head,
    h: config.n_embd / config.n_head,
  };
  return BLOCK_SITES[known]
    .slice(1)
    .reduce((width, axis) => width * size[axis as keyof typeof size], 1);
}

/** @throws LabError "bad-input" with the value and what is allowed */
export function planTraining(request: TrainRequest, config: Gpt2Config): Plan {
  const { dSae, tokens, seed } = request;
  const { dIn, out } = ends(request, config);
  whole("dSae", dSae, 16, MAX_EXPANSION * dIn);
  const pace = merged(DEFAULT_PACE, request);
  const recipe = recipeOf(request);
  checkPace(pace);
  checkRecipe(recipe, dSae);
  whole("tokens", tokens, pace.batchSize, 1e10);
  whole("seed", seed, 0, 2 ** 32 - 1);
  checkTexts(request.texts);
  return {
    recipe,
    dIn,
    ...(out && { out }),
    dSae,
    ...pace,
    steps: Math.ceil(tokens / pace.batchSize),
    seed,
  };
}

/** What it reads and what it writes. */
function ends(
  { hook, out }: Pick<TrainRequest, "hook" | "out">,
  config: Gpt2Config,
): Pick<Plan, "dIn" | "out"> {
  if (!out) return { dIn: saeWidth(hook, config) };
  const dIn = widthAmong(TRANSCODER_INPUTS, "a transcoder cannot read", hook, config);
  const rebuilt = blockHook(parseHook(hook, config).layer!, TRANSCODER_OUTPUT);
  if (out.hook !== rebuilt || typeof out.skip !== "boolean") {
    throw new LabError(
      "bad-input",
      `out is ${quoted(out)}; a transcoder that reads ${hook} may have { hook: "${rebuilt}", skip: true or false }`,
    );
  }
  return { dIn, out: { width: saeWidth(rebuilt, config), skip: out.skip } };
}

/** @throws LabError "bad-input": the console is not typed */
export function checkTexts(texts: unknown): void {
  const isRef = (ref: unknown) =>
    typeof ref === "object" && ref !== null && "id" in ref && typeof ref.id === "string";
  if (texts === undefined || (Array.isArray(texts) && texts.every(isRef))) return;
  throw new LabError(
    "bad-input",
    `texts is ${quoted(texts)}; it is a list of kept texts, each { id, name } as lab.texts.list() tells them`,
  );
}

function recipeOf(request: TrainRequest): Recipe {
  const { variant } = request;
  // The console is not typed.
  if (!TRAIN_VARIANTS.includes(variant)) {
    const known = TRAIN_VARIANTS.map((name) => `"${name}"`).join(", ");
    throw new LabError("bad-input", `variant is ${quoted(variant)}; it may be one of ${known}`);
  }
  return merged(defaultRecipe(variant, request.dSae), request);
}

function checkPace({ lr, batchSize, lrWarmUp, lrDecay, sparsityWarmUp }: Pace): void {
  inRange("lr", lr, 1e-7, 1);
  whole("batchSize", batchSize, 16, 65536);
  inRange("lrWarmUp", lrWarmUp, 0, 1);
  inRange("lrDecay", lrDecay, 0, 1);
  inRange("sparsityWarmUp", sparsityWarmUp, 0, 1);
}

function checkRecipe(recipe: Recipe, dSae: number): void {
  switch (recipe.variant) {
    case "standard":
      inRange("l1", recipe.l1, 0, 1e4);
      if (!DECODER_NORMS.includes(recipe.decoderNorm)) {
        const got = quoted(recipe.decoderNorm);
        throw new LabError("bad-input", `decoderNorm is ${got}; it may be "unit" or "weighted"`);
      }
      return;
    case "topk":
    case "batchtopk":
      whole("k", recipe.k, 1, dSae);
      return;
    case "matryoshka":
      whole("k", recipe.k, 1, dSae);
      checkWidths(recipe.widths, dSae);
      return;
    case "jumprelu":
      inRange("targetL0", recipe.targetL0, 1, dSae);
      inRange("l0Weight", recipe.l0Weight, 0, 1e4);
      inRange("bandwidth", recipe.bandwidth, 1e-4, 10);
      return;
    case "gated":
      inRange("l1", recipe.l1, 0, 1e4);
  }
}

function checkWidths(widths: unknown, dSae: number): void {
  const rising =
    Array.isArray(widths) &&
    widths.at(-1) === dSae &&
    widths.every(
      (w: unknown, i) => Number.isSafeInteger(w) && (w as number) > (widths[i - 1] ?? 0),
    );
  if (rising) return;
  throw new LabError(
    "bad-input",
    `widths is ${quoted(widths)}; it must be whole numbers above 0, each larger than the one before, the last dSae (${dSae})`,
  );
}

export function configFor(
  { hook, out }: TrainRequest,
  { recipe, dIn, dSae, out: written }: Plan,
  { id, config }: ModelInfo,
): SaeConfig {
  const variant = trainedVariant(recipe.variant);
  return {
    ...(variant === "topk" ? { variant, k: (recipe as RecipeOf<"topk">).k } : { variant }),
    ...{ dIn, dSae, hook, modelId: id },
    ...(out && written && { out: { hook: out.hook, ...written } }),
    applyBDecToInput: false,
    prependBos: true,
    contextSize: contextSizeFor(config.n_positions),
  };
}

export function nameFor({ name, hook, out }: TrainRequest, { recipe, dSae }: Plan): string {
  const given = name?.trim();
  if (given) return given.slice(0, 200);
  const where = hook.replace(/hook_/, "");
  const kind = out ? ` → ${lastPart(out.hook)}${out.skip ? " + skip" : ""}` : "";
  return `${where}${kind} · ${dSae} · ${recipeWords(recipe)}`;
}

const lastPart = (hook: string) => hook.replace(/^.*\.(hook_)?/, "");

/** Bytes of an SAE's weights in float32. */
export const weightBytes = (config: SaeConfig): number => 4 * weightCount(config);

function inRange(name: string, value: number, min: number, max: number): void {
  if (!(value >= min && value <= max)) {
    throw new LabError("bad-input", `${name} is ${value}; it may be ${min} to ${max}`);
  }
}
function whole(name: string, value: number, min: number, max: number): void {
  if (!Number.isSafeInteger(value) || value < min || value > max) {
    throw new LabError(
      "bad-input",
      `${name} is ${value}; it may be a whole number from ${min} to ${max}`,
    );
  }
}

/** The defaults, with what was given in their place; a field given as `undefined` is a field not given. */
function merged<T extends object>(defaults: T, given: object): T {
  const named = Object.entries(given).filter(
    ([name, value]) => name in defaults && value !== undefined,
  );
  return { ...defaults, ...(Object.fromEntries(named) as Partial<T>) };
}
