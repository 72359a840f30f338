/**
 * Steering along feature directions of one SAE, as ordinary edits at its hook. With x the activation there and W the
 * decoder's rows:
 *   add:    x' = x + c · W[f]
 *   clamp:  x' = x + (c − f(x)) · W[f], so that the feature's share of x reads c instead of f(x).
 * Several features add up, each f(x) read from the same x: the activation before steering, which no edit at or after
 * the hook can change. So one plain run gives f(x), and the edit is exact for any kind of SAE.
 */
import { parseHook } from "../core/hooks.ts";
import { LabError } from "../core/lab-error.ts";
import type { SaeConfig, SaeWeights } from "../core/sae.ts";
import type { Edit, Gpt2Config, SteerFeature } from "../core/types.ts";
import { encode } from "../math/sae.ts";
import { axisSizes } from "../model/edit-check.ts";
import type { Step } from "../model/generate.ts";
import type { LoadedModel } from "../model/loaded-model.ts";

export interface OpenSae {
  config: SaeConfig;
  weights: SaeWeights;
}
export interface Steering {
  /** Edits that are the same at every position. */
  everywhere: Edit[];
  /** The edit that follows from the features' activations f(x) [B, F]; null when nothing is clamped. */
  clamp: ((f_BF: Float32Array) => Edit) | null;
}

/** @throws LabError "unsupported", "not-found" or "bad-input" if this cannot be done with this model and SAE */
export function steering(
  config: Gpt2Config,
  sae: OpenSae,
  features: readonly SteerFeature[],
): Steering {
  checkFits(sae.config, config);
  checkFeatures(features, sae.config);
  const { hook } = sae.config;
  const added = features.filter(({ mode }) => mode === "add");
  const clamped = features.filter(({ mode }) => mode === "clamp");
  return {
    everywhere: added.length > 0 ? [{ hook, op: "add", value: sumOfDirections(added, sae) }] : [],
    clamp:
      clamped.length > 0
        ? (f_BF) => ({ hook, op: "add", value: clampDelta(f_BF, clamped, sae) })
        : null,
  };
}

/**
 * What `clamp` asks for at each step of a generation; null when nothing is clamped.
 * @param promptLength positions that the prompt has; later ones are generated
 * @param edits others that are in force; they may change x
 */
export function clampEachStep(
  model: Pick<LoadedModel, "run">,
  sae: OpenSae,
  { clamp }: Steering,
  promptLength: number,
  edits: readonly Edit[],
): ((step: Step) => Promise<Edit[]>) | null {
  if (!clamp) return null;
  const { hook } = sae.config;
  return async ({ ids, past }) => {
    const { cache } = await model.run({
      ids: [ids],
      names: [hook],
      edits,
      logits: "none",
      ...(past && { past }),
      editLength: promptLength,
    });
    const edit = clamp(encode(cache.get(hook)!.data, sae.weights, sae.config));
    // The prompt's step covers all its positions at once; later ones have one position each.
    return [past ? { ...edit, pos: past.length } : edit];
  };
}

/** Σ c · W[f], [D] */
function sumOfDirections(features: readonly SteerFeature[], { config, weights }: OpenSae) {
  const sum = new Float32Array(config.dIn);
  for (const { feature, coefficient } of features) {
    addDirection(sum, 0, coefficient, feature, weights, config.dIn);
  }
  return sum;
}

/** Σ (c − f(x)) · W[f] for each row of f, [B, D] */
function clampDelta(
  f_BF: Float32Array,
  features: readonly SteerFeature[],
  { config, weights }: OpenSae,
): Float32Array {
  const { dIn, dSae } = config;
  const rows = f_BF.length / dSae;
  const delta = new Float32Array(rows * dIn);
  for (let row = 0; row < rows; row++) {
    for (const { feature, coefficient } of features) {
      const change = coefficient - f_BF[row * dSae + feature]!;
      addDirection(delta, row * dIn, change, feature, weights, dIn);
    }
  }
  return delta;
}

function addDirection(
  out: Float32Array,
  at: number,
  coefficient: number,
  feature: number,
  { W_dec }: SaeWeights,
  dIn: number,
): void {
  for (let d = 0; d < dIn; d++) out[at + d]! += coefficient * W_dec[feature * dIn + d]!;
}

/** @throws LabError "unsupported" if an SAE does not read this model's activations */
export function checkFits(sae: SaeConfig, model: Gpt2Config): void {
  const { axes } = parseHook(sae.hook, model);
  const width = axes[0] === "T" ? axisSizes(axes.slice(1), model, 0).reduce((a, b) => a * b, 1) : 0;
  if (width === sae.dIn) return;
  throw new LabError(
    "unsupported",
    `this SAE reads ${sae.dIn} numbers a token at ${sae.hook} of ${sae.modelId}; ` +
      `the model on the bench has ${width} there. Load ${sae.modelId}, or choose another SAE.`,
  );
}

function checkFeatures(features: readonly SteerFeature[], { dSae }: SaeConfig): void {
  for (const { feature, coefficient } of features) {
    if (!Number.isInteger(feature) || feature < 0 || feature >= dSae) {
      throw new LabError("not-found", `feature ${feature} is not among 0 … ${dSae - 1}`);
    }
    if (!Number.isFinite(coefficient)) {
      throw new LabError("bad-input", `the strength of feature ${feature} is ${coefficient}`);
    }
  }
}
