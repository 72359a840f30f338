/**
 * Edits of an SAE's features → what is added to the activation, or takes its place. Formulas: `math/feature-change.ts`.
 * An SAE reads the checkpoint's own activations, whatever the run's basis. What it adds to them is the same in both. A
 * transcoder is edited where it writes, by what it reads. Gradients go through all of it, the error term too, which is what
 * the SAE misses of whatever activation there is. (SAELens holds it fixed, for gradients with respect to features.)
 */
import type { Basis } from "../core/basis.ts";
import { placeOf, type SaeEdit, type SteerFeature } from "../core/edits.ts";
import { hookNames, parseHook } from "../core/hooks.ts";
import { LabError } from "../core/lab-error.ts";
import { outputOf, type SaeConfig } from "../core/sae.ts";
import type { Gpt2Config } from "../core/types.ts";
import {
  changeDelta,
  changedReconstruction,
  type Sae,
  sumOfDirections,
} from "../math/feature-change.ts";
import { changeDeltaBack, changedReconstructionBack } from "../math/feature-slopes.ts";
import { scalesByToken } from "../math/input-norm.ts";
import { refuse, tokenWidth } from "./edit-check.ts";
import { encodeOnce } from "./encode-once.ts";
import type { SmoothEdit } from "./prepared-edit.ts";

/** @throws LabError "unsupported", "not-found" or "bad-input" if this cannot be done with this model and SAE */
export function prepareSaeEdit(
  edit: SaeEdit,
  sae: Sae,
  config: Gpt2Config,
  basis: Basis,
): SmoothEdit {
  checkFits(sae.config, config);
  const { hook } = outputOf(sae.config);
  const from = sae.config.out && { from: sae.config.hook };
  if (edit.hook !== hook) {
    throw refuse(edit, `this SAE ${from ? "writes to" : "reads"} ${hook}, so it is edited there`);
  }
  if (edit.head !== undefined || edit.neuron !== undefined) {
    throw refuse(edit, 'an SAE reads all of a token, so "head" and "neuron" cannot be given');
  }
  const { features, error } = asSplice(edit);
  checkFeatures(features, sae.config);
  const place = placeOf(edit);
  const raw = basis !== "raw";
  if (!error) {
    const rebuilt = (x: Float32Array) =>
      changedReconstruction(x, encodeOnce(x, sae), features, sae);
    const back = (grad: Float32Array, x: Float32Array) =>
      changedReconstructionBack(grad, x, encodeOnce(x, sae), features, sae);
    if (!raw) {
      const of = (_: Float32Array, x: Float32Array) => rebuilt(x);
      return { place, op: "replace", ...from, of, back: (g, _, x) => ({ source: back(g, x) }) };
    }
    return {
      ...{ place, op: "add", raw, ...from },
      of: (y, x) => rebuilt(x).map((value, i) => value - y[i]!),
      back: (grad, _, x) => ({ x: grad.map((g) => -g), source: back(grad, x) }),
    };
  }
  // What does not depend on the activation needs no run to find it.
  const fixed = !scalesByToken(sae.config.normalize);
  if (fixed && features.every(({ mode }) => mode === "add")) {
    return { ...place, op: "add", value: sumOfDirections(features, sae) };
  }
  return {
    ...{ place, op: "add", raw, ...from },
    of: (_, x) => changeDelta(x, encodeOnce(x, sae), features, sae),
    back: (grad, _, x) => ({
      source: changeDeltaBack(grad, x, encodeOnce(x, sae), features, sae),
    }),
  };
}

/** All of them as one kind. */
function asSplice(edit: SaeEdit): { features: readonly SteerFeature[]; error: boolean } {
  switch (edit.op) {
    case "splice":
      return { features: edit.features ?? [], error: edit.error ?? false };
    case "ablate":
      return one({ feature: edit.feature, mode: "clamp", coefficient: 0 });
    case "clamp":
      return one({ feature: edit.feature, mode: "clamp", coefficient: edit.value });
    case "steer":
      return one({ feature: edit.feature, mode: "add", coefficient: edit.value });
  }
}
const one = (feature: SteerFeature) => ({ features: [feature], error: true });

/** @throws LabError "unsupported" if an SAE does not read, or write, this model's activations */
export function checkFits(sae: SaeConfig, model: Gpt2Config): void {
  const { hook, modelId, dIn, out } = sae;
  const check = (does: string, at: string, has: number) => {
    const width = tokenWidth(parseHook(at, model), model) ?? 0;
    if (width === has) return;
    throw new LabError(
      "unsupported",
      `this SAE ${does} ${has} numbers a token at ${at} of ${modelId}; ` +
        `the model on the bench has ${width} there. Load ${modelId}, or choose another SAE.`,
    );
  };
  check("reads", hook, dIn);
  if (!out) return;
  check("writes", out.hook, out.width);
  const order = hookNames(model);
  if (order.indexOf(out.hook) > order.indexOf(hook)) return;
  throw new LabError(
    "unsupported",
    `this transcoder reads ${hook}, which comes after ${out.hook}, where it writes`,
  );
}

const MODES: readonly SteerFeature["mode"][] = ["add", "clamp"];

function checkFeatures(features: readonly SteerFeature[], { dSae }: SaeConfig): void {
  for (const { feature, mode, coefficient } of features) {
    if (!Number.isInteger(feature) || feature < 0 || feature >= dSae) {
      throw new LabError("not-found", `feature ${feature} is not among 0 … ${dSae - 1}`);
    }
    if (!MODES.includes(mode)) {
      throw new LabError(
        "bad-input",
        `feature ${feature} cannot be changed by ${JSON.stringify(mode)}; use "add" or "clamp"`,
      );
    }
    if (!Number.isFinite(coefficient)) {
      throw new LabError("bad-input", `the strength of feature ${feature} is ${coefficient}`);
    }
  }
}
