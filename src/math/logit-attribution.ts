/**
 * Direct logit attribution: how much of a logit, or of a difference of two, each component of the residual stream writes.
 * Axis letters: C components, R rows (positions of all prompts), D d_model.
 * Source: TransformerLens's ActivationCache.logit_attrs.
 */
import { LabError } from "../core/lab-error.ts";
import { rowCount } from "./rows.ts";

/**
 * Σ_D y · u with y a component after the final LayerNorm's cached scale, u the row's direction (`unembedding.ts`). Sum over
 * components that make up the stream, plus the bias, is the logit. In float64, rounded once.
 * @param y_CRD components already divided by the scale, [C, R, D]
 * @param u_RD a direction for each row, [R, D], or one for all, [1, D]
 * @returns [C, R], in logits
 * @throws LabError "shape" if the directions are neither one nor R
 */
export function attributeLogits(
  y_CRD: Float32Array,
  u_RD: Float32Array,
  nRows: number,
  D: number,
): Float32Array {
  const directions = rowCount(u_RD, D, "directions");
  if (directions !== 1 && directions !== nRows) {
    throw new LabError("shape", `expected 1 direction or ${nRows}, got ${directions}`);
  }
  if (rowCount(y_CRD, D, "components") % nRows !== 0) {
    throw new LabError(
      "shape",
      `expected components as [C, ${nRows}, ${D}], got ${y_CRD.length} numbers`,
    );
  }
  return Float32Array.from({ length: y_CRD.length / D }, (_, i) => {
    const from = (directions === 1 ? 0 : i % nRows) * D;
    let sum = 0;
    for (let d = 0; d < D; d++) sum += y_CRD[i * D + d]! * u_RD[from + d]!;
    return sum;
  });
}
