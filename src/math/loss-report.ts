/**
 * What replacing an activation costs the model: cross-entropy of the actual next tokens, and KL from the model's own
 * distribution, for the SAE's reconstruction beside two ablations. Axis letters: K predictions, V vocabulary.
 * Source: SAELens, sae_lens/evals.py (ce_loss_score, kl_div_score), whose ablation is the one by 0.
 */
import { LabError } from "../core/lab-error.ts";
import type { LossReport, Replacement } from "../core/sae-report.ts";
import { logSoftmax } from "./logit-metric.ts";

export const REPLACEMENTS = ["sae", "zero", "mean"] as const;
type Kind = (typeof REPLACEMENTS)[number];

export class LossSums {
  #predictions = 0;
  #cleanCe = 0;
  readonly #sums: Record<Kind, Replacement> = {
    sae: { ce: 0, kl: 0 },
    zero: { ce: 0, kl: 0 },
    mean: { ce: 0, kl: 0 },
  };

  /**
   * @param clean logits of the untouched model at one place, [V]
   * @param replaced logits there with the activation replaced, [V] each
   * @param next the token that follows
   * @throws LabError "degenerate" if a logit is no number
   */
  add(clean: Float32Array, replaced: Record<Kind, Float32Array>, next: number): void {
    const q = logSoftmax(clean);
    this.#cleanCe -= q[next]!;
    for (const kind of REPLACEMENTS) {
      const p = logSoftmax(replaced[kind]);
      const sum = this.#sums[kind];
      sum.ce -= p[next]!;
      for (let v = 0; v < q.length; v++) sum.kl += Math.exp(q[v]!) * (q[v]! - p[v]!);
    }
    this.#predictions += 1;
  }

  /** @throws LabError "degenerate" if nothing was added */
  report(): LossReport {
    const n = this.#predictions;
    if (n === 0) throw new LabError("degenerate", "no prediction was compared");
    const cleanCe = this.#cleanCe / n;
    const of = (kind: Kind): Replacement => ({
      ce: this.#sums[kind].ce / n,
      kl: this.#sums[kind].kl / n,
    });
    const [sae, zero, mean] = [of("sae"), of("zero"), of("mean")];
    const ceScore = (ablated: Replacement) => share(ablated.ce - sae.ce, ablated.ce - cleanCe);
    const klScore = (ablated: Replacement) => share(ablated.kl - sae.kl, ablated.kl);
    return {
      ...{ cleanCe, sae, zero, mean, predictions: n },
      ceScore: { zero: ceScore(zero), mean: ceScore(mean) },
      klScore: { zero: klScore(zero), mean: klScore(mean) },
    };
  }
}

/** null for 0/0, and where the ablation does not hurt: a share of nothing lost says nothing. */
const share = (regained: number, lost: number): number | null =>
  lost > 0 ? regained / lost : null;
