/**
 * How well an SAE rebuilds the activations it was given. Axis letters: B tokens, D d_in.
 *
 * Explained variance = 1 − Σ‖x − x̂‖² / Σ‖x − x̄‖², both sums over all tokens and dimensions, x̄ the mean token.
 * This is the textbook's pooled formula. Two others go by the same name in the field: a mean of per-token ratios
 * (SAELens's "legacy"), and one with the total taken about 0 instead of x̄, which flatters (SAELens issue 659).
 * A constant offset of x̂ counts as error. Unitless; 1 is perfect, 0 no better than the mean, negative is worse.
 */
import { LabError } from "../core/lab-error.ts";

/**
 * Pooled explained variance over any number of batches. Sums in float64; the total is gathered by Chan's update of
 * per-dimension means, so that a large common offset does not cancel digits away.
 * @see numpy reference: test/fixtures/sae-math.json, made by test/fixtures/make_sae_math.py
 */
export class ExplainedVariance {
  readonly #dModel: number;
  readonly #mean_D: Float64Array;
  #tokens = 0;
  #residual = 0;
  #total = 0;

  constructor(dModel: number) {
    this.#dModel = dModel;
    this.#mean_D = new Float64Array(dModel);
  }

  get tokens(): number {
    return this.#tokens;
  }

  /** @throws LabError "shape" if lengths differ or are not a multiple of D */
  add(x_BD: Float32Array, xHat_BD: Float32Array): void {
    const D = this.#dModel;
    if (x_BD.length !== xHat_BD.length || x_BD.length % D !== 0) {
      throw new LabError(
        "shape",
        `expected two [B, ${D}], got ${x_BD.length} and ${xHat_BD.length} values`,
      );
    }
    const added = x_BD.length / D;
    if (added === 0) return;
    const before = this.#tokens;
    for (let d = 0; d < D; d++) {
      let mean = 0;
      for (let b = 0; b < added; b++) mean += x_BD[b * D + d]! / added;
      for (let b = 0; b < added; b++) {
        const x = x_BD[b * D + d]!;
        this.#residual += (x - xHat_BD[b * D + d]!) ** 2;
        this.#total += (x - mean) ** 2;
      }
      const shift = mean - this.#mean_D[d]!;
      this.#total += (shift ** 2 * before * added) / (before + added);
      this.#mean_D[d]! += (shift * added) / (before + added);
    }
    this.#tokens += added;
  }

  /**
   * @throws LabError "degenerate" if no two activations differ (0/0), or if one was not a finite number
   */
  value(): number {
    if (this.#total === 0) {
      throw new LabError(
        "degenerate",
        `explained variance is 0/0: all ${this.#tokens} activations are equal`,
      );
    }
    const value = 1 - this.#residual / this.#total;
    if (!Number.isFinite(value)) {
      throw new LabError(
        "degenerate",
        "explained variance cannot be said: an activation or its reconstruction is not a finite number",
      );
    }
    return value;
  }
}

/** The same of one batch. */
export function explainedVariance(
  x_BD: Float32Array,
  xHat_BD: Float32Array,
  dModel: number,
): number {
  const sums = new ExplainedVariance(dModel);
  sums.add(x_BD, xHat_BD);
  return sums.value();
}
