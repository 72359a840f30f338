/**
 * Gradients with computed edits in force. What such an edit came to is held fixed, as the m and a of x → x·m + a. For a
 * mean, a resampled value or a direction that is added this is exact. A change that follows from the activation (a
 * projection, a feature clamped, an SAE spliced in) has a slope of its own, which matters to everything before it: gradients
 * are given at its hook and after it, where they are exact, and refused before.
 */
import { readEdits } from "../core/edit-shape.ts";
import { type Edit, isDirect } from "../core/edits.ts";
import { hookNames } from "../core/hooks.ts";
import { LabError } from "../core/lab-error.ts";
import type { Gpt2Config } from "../core/types.ts";

const followsActivation = (edit: Edit): boolean =>
  !isDirect(edit) && edit.op !== "mean" && edit.op !== "resample" && edit.op !== "steer";

/** @throws LabError "unsupported" for a gradient that would have to go through such a change */
export function checkSlopes(
  edits: readonly Edit[],
  names: readonly string[],
  config: Pick<Gpt2Config, "n_layer">,
): void {
  const order = hookNames(config);
  for (const { op, hook } of readEdits(edits, order).filter(followsActivation)) {
    const before = names.find((name) => order.indexOf(name) < order.indexOf(hook));
    if (before === undefined) continue;
    throw new LabError(
      "unsupported",
      `the gradient at ${before} would have to go through op "${op}" at ${hook}, whose slope is not followed; ` +
        "ask for it there or further on, or give a direct edit",
    );
  }
}
