/**
 * What an SAE in SAELens's format has done to activations before it reads them: "normalize_activations", and the weights that
 * its model was loaded with.
 */
import { quoted } from "../core/quoted.ts";
import type { InputNorm } from "../core/sae.ts";
import { flag, isObject, unsupported } from "./sae-lens-fields.ts";

/** Sites whose values centred weights ("center_writing_weights") change: all that is written into the stream. */
const CENTRED = /hook_(resid_pre|resid_mid|resid_post|attn_out|mlp_out|embed|pos_embed)$/;

/** What is to be done to activations first. */
export function normOf(
  flat: Record<string, unknown>,
  kwargs: unknown,
  hook: string,
): { normalize: InputNorm | undefined; notes: string[] } {
  const asked = flat["normalize_activations"] ?? "none";
  const name = asked === true ? "expected_average_only_in" : asked === false ? "none" : asked;
  if (name === "layer_norm") return { normalize: "layer_norm", notes: [] }; // takes the mean away, too
  const { centred, why } = isCentred(flat, kwargs, hook);
  if (name === "constant_norm_rescale" && !centred) return { normalize: name, notes: [] };
  if (name !== "none") {
    const scaled =
      name === "expected_average_only_in"
        ? ": its inputs must be scaled by a number that is not in the file"
        : centred
          ? " of centred weights"
          : "";
    throw unsupported(
      `normalize_activations is ${quoted(asked)}${scaled}. ` +
        `Fold it in first (SAELens: sae.fold_activation_norm_scaling_factor), then save again`,
    );
  }
  if (!centred) return { normalize: undefined, notes: [] };
  return {
    normalize: "centre",
    notes: [
      `It reads the stream of centred weights (${why}): each token’s mean is taken off before it is encoded and put back after.`,
    ],
  };
}

/**
 * Whether it was trained on TransformerLens's centred weights. SAELens's own default is not to centre; before version 3, whose
 * configs say `hook_point` and nothing of how the model was loaded, it took TransformerLens's default, which does.
 */
function isCentred(flat: Record<string, unknown>, kwargs: unknown, hook: string) {
  if (!CENTRED.test(hook)) return { centred: false, why: "" };
  if (isObject(kwargs) && "center_writing_weights" in kwargs) {
    const why = "center_writing_weights";
    return { centred: flag(kwargs["center_writing_weights"], why, false), why };
  }
  const early = "hook_point" in flat && !isObject(kwargs) && !("sae_lens_version" in flat);
  return { centred: early, why: "as TransformerLens loads a model unless told otherwise" };
}
