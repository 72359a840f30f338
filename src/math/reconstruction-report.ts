/**
 * How an SAE's reconstructions x̂ compare with x, over any number of batches: all figures from sums over tokens, so that they
 * do not depend on how the text was cut into batches. Axis letters: B tokens, D d_in, F latents.
 * Source: SAELens's evals (names); the explained variance is the textbook's, see `reconstruction.ts`.
 */
import { LabError } from "../core/lab-error.ts";
import type { ReconstructionReport } from "../core/sae-report.ts";
import { rowCount } from "./rows.ts";

/**
 * Needs the activations' mean before the first batch is added: Σ‖x − x̄‖² of single tokens, which the legacy figure takes
 * its ratios by, cannot be mended afterwards.
 */
export class ReconstructionSums {
  readonly #mean_D: Float32Array;
  #tokens = 0;
  #residual = 0;
  #total = 0;
  #legacy = 0;
  #cosine = 0;
  #ratio = 0;
  #dot = 0;
  #rebuilt = 0;
  #active = 0;
  #l1 = 0;

  /** @param mean_D x̄, [D] */
  constructor(mean_D: Float32Array) {
    this.#mean_D = mean_D;
  }

  /**
   * @param f_BF [B, F]; `x_BD` and `xHat_BD` [B, D]
   * @throws LabError "shape" if the rows do not fit; "degenerate" for an activation that is no number, 0, or the mean itself
   */
  add(x_BD: Float32Array, xHat_BD: Float32Array, f_BF: Float32Array): void {
    const D = this.#mean_D.length;
    const B = rowCount(x_BD, D, "activations");
    if (xHat_BD.length !== x_BD.length || (B > 0 && f_BF.length % B !== 0)) {
      throw new LabError(
        "shape",
        `expected x̂ as [${B}, ${D}] and features of ${B} tokens, got ${xHat_BD.length} and ${f_BF.length} numbers`,
      );
    }
    for (let b = 0; b < B; b++) {
      let [residual, total, xx, yy, xy] = [0, 0, 0, 0, 0];
      for (let d = 0; d < D; d++) {
        const [x, y] = [x_BD[b * D + d]!, xHat_BD[b * D + d]!];
        residual += (x - y) ** 2;
        total += (x - this.#mean_D[d]!) ** 2;
        xx += x * x;
        yy += y * y;
        xy += x * y;
      }
      if (!(total > 0) || !(xx > 0) || !Number.isFinite(residual)) {
        throw new LabError(
          "degenerate",
          `the activation of token ${this.#tokens + b} is 0, the mean itself, or no finite number: ratios by it cannot be said`,
        );
      }
      this.#residual += residual;
      this.#total += total;
      this.#legacy += 1 - residual / total;
      // The cosine with a reconstruction of 0 is taken as 0: nothing of x is rebuilt.
      this.#cosine += yy > 0 ? xy / Math.sqrt(xx * yy) : 0;
      this.#ratio += Math.sqrt(yy / xx);
      this.#dot += xy;
      this.#rebuilt += yy;
    }
    for (const f of f_BF) {
      if (f !== 0) this.#active += 1;
      this.#l1 += Math.abs(f);
    }
    this.#tokens += B;
  }

  /** @throws LabError "degenerate" if nothing was added, or x·x̂ sums to 0 */
  report(): ReconstructionReport {
    const n = this.#tokens;
    if (n === 0 || this.#dot === 0) {
      throw new LabError("degenerate", `of ${n} tokens no reconstruction figures can be said`);
    }
    return {
      explainedVariance: 1 - this.#residual / this.#total,
      explainedVarianceLegacy: this.#legacy / n,
      cosine: this.#cosine / n,
      normRatio: this.#ratio / n,
      reconstructionBias: this.#rebuilt / this.#dot,
      l0: this.#active / n,
      l1: this.#l1 / n,
      tokens: n,
    };
  }
}
