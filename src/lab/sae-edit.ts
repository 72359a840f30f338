/**
 * Edits of an SAE's features → what is added to the activation, or takes its place. Formulas: `math/feature-change.ts`.
 * An SAE reads the checkpoint's own activations, whatever the run's basis. What it adds to them is the same in both.
 */
import type { Basis } from "../core/basis.ts";
import { placeOf, type SaeEdit, type SteerFeature } from "../core/edits.ts";
import { parseHook } from "../core/hooks.ts";
import { LabError } from "../core/lab-error.ts";
import type { SaeConfig } from "../core/sae.ts";
import type { Gpt2Config } from "../core/types.ts";
import {
  changeDelta,
  changedReconstruction,
  type Sae,
  sumOfDirections,
} from "../math/feature-change.ts";
import { refuse, tokenWidth } from "./edit-check.ts";
import { encodeOnce } from "./encode-once.ts";
import type { Prepared } from "./prepared-edit.ts";

/** @throws LabError "unsupported", "not-found" or "bad-input" if this cannot be done with this model and SAE */
export function prepareSaeEdit(
  edit: SaeEdit,
  sae: Sae,
  config: Gpt2Config,
  basis: Basis,
): Prepared {
  checkFits(sae.config, config);
  const { hook } = sae.config;
  if (edit.hook !== hook) throw refuse(edit, `this SAE reads ${hook}, so it is edited there`);
  if (edit.head !== undefined || edit.neuron !== undefined) {
    throw refuse(edit, 'an SAE reads all of a token, so "head" and "neuron" cannot be given');
  }
  const { features, error } = asSplice(edit);
  checkFeatures(features, sae.config);
  const place = placeOf(edit);
  const raw = basis !== "raw";
  if (!error) {
    const rebuilt = (x: Float32Array) => changedReconstruction(encodeOnce(x, sae), features, sae);
    if (!raw) return { place, op: "replace", of: rebuilt };
    const of = (x: Float32Array) => rebuilt(x).map((value, i) => value - x[i]!);
    return { place, op: "add", raw, of };
  }
  // What does not depend on the activation needs no run to find it.
  if (features.every(({ mode }) => mode === "add")) {
    return { ...place, op: "add", value: sumOfDirections(features, sae) };
  }
  return { place, op: "add", raw, of: (x) => changeDelta(encodeOnce(x, sae), features, sae) };
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

/** @throws LabError "unsupported" if an SAE does not read this model's activations */
export function checkFits(sae: SaeConfig, model: Gpt2Config): void {
  const width = tokenWidth(parseHook(sae.hook, model), model) ?? 0;
  if (width === sae.dIn) return;
  throw new LabError(
    "unsupported",
    `this SAE reads ${sae.dIn} numbers a token at ${sae.hook} of ${sae.modelId}; ` +
      `the model on the bench has ${width} there. Load ${sae.modelId}, or choose another SAE.`,
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
