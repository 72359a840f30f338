/** What was asked to be trained → a plan that can be run, or an error that says which value is wrong and what is allowed. */
import { BLOCK_SITES, parseHook, SAE_SITES } from "../core/hooks.ts";
import { LabError } from "../core/lab-error.ts";
import type { SaeConfig, TrainRequest } from "../core/sae.ts";
import type { Gpt2Config, ModelInfo } from "../core/types.ts";
import type { Plan } from "../train/schedule.ts";
import { contextSizeFor } from "./corpus.ts";

export const DEFAULTS = { l1: 2, k: 32, lr: 1e-3, batchSize: 1024 };
const MAX_EXPANSION = 64;

/** Values per token at a hook an SAE may read. @throws LabError "bad-input" for any other hook */
export function saeWidth(hook: string, config: Gpt2Config): number {
  const { site, layer } = parseHook(hook, config);
  const known = SAE_SITES.find((name) => name === site);
  if (layer === null || known === undefined) {
    throw new LabError(
      "bad-input",
      `an SAE cannot be trained on ${hook}; possible in each block are ${SAE_SITES.join(", ")}`,
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
  const { hook, dSae, variant, tokens, seed } = request;
  const { l1, k, lr, batchSize } = { ...DEFAULTS, ...withoutUndefined(request) };
  // The console is not typed.
  if (!["standard", "topk"].includes(variant)) {
    throw new LabError("bad-input", `variant is "${variant}"; it may be "standard" or "topk"`);
  }
  const dIn = saeWidth(hook, config);
  whole("dSae", dSae, 16, MAX_EXPANSION * dIn);
  if (variant === "standard") inRange("l1", l1, 0, 1e4);
  else whole("k", k, 1, dSae);
  inRange("lr", lr, 1e-7, 1);
  whole("batchSize", batchSize, 16, 65536);
  whole("tokens", tokens, batchSize, 1e10);
  whole("seed", seed, 0, 2 ** 32 - 1);
  const steps = Math.ceil(tokens / batchSize);
  return { variant, dIn, dSae, l1, k, lr, batchSize, steps, seed };
}

export function configFor(
  { hook }: TrainRequest,
  { variant, dIn, dSae, k }: Plan,
  { id, config }: ModelInfo,
): SaeConfig {
  return {
    variant,
    dIn,
    dSae,
    k: variant === "topk" ? k : null,
    hook,
    modelId: id,
    applyBDecToInput: false,
    prependBos: true,
    contextSize: contextSizeFor(config.n_positions),
  };
}

export function nameFor({ name, hook }: TrainRequest, { variant, dSae, l1, k }: Plan): string {
  const given = name?.trim();
  if (given) return given.slice(0, 200);
  return `${hook.replace(/hook_/, "")} · ${dSae} · ${variant === "topk" ? `TopK ${k}` : `λ ${l1}`}`;
}

/** Bytes of an SAE's weights in float32. */
export const weightBytes = ({ dIn, dSae }: Pick<SaeConfig, "dIn" | "dSae">): number =>
  4 * (2 * dIn * dSae + dSae + dIn);

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

/** A field given as `undefined` is a field not given. */
const withoutUndefined = (request: TrainRequest): Partial<typeof DEFAULTS> =>
  Object.fromEntries(Object.entries(request).filter(([, value]) => value !== undefined));
