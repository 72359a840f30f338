/** How far a model has moved from another on text, summed token by token in float64. */
import { LabError } from "../core/lab-error.ts";
import type { DriftText } from "../core/tune.ts";
import { logSoftmax } from "./logit-metric.ts";

export class DriftSum {
  #tokens = 0;
  #loss = 0;
  #kl = 0;
  #same = 0;

  /**
   * One place: −ln p(next) and KL(base ‖ p) = Σ q·(ln q − ln p), nats. Equal logits add exactly 0.
   * @param base ln q of the base, [V] @param logits of the model, [V]
   */
  add(base: Float64Array, logits: Float32Array, next: number): void {
    const log = logSoftmax(logits);
    let kl = 0;
    let [topOfBase, top] = [0, 0];
    for (let i = 0; i < log.length; i++) {
      const q = base[i]!;
      kl += Math.exp(q) * (q - log[i]!);
      if (q > base[topOfBase]!) topOfBase = i;
      if (log[i]! > log[top]!) top = i;
    }
    this.#tokens++;
    this.#loss -= log[next]!;
    this.#kl += kl;
    if (top === topOfBase) this.#same++;
  }

  /** @throws LabError "degenerate" before anything was added */
  result(): DriftText {
    const n = this.#tokens;
    if (n === 0) throw new LabError("degenerate", "no token was predicted: there is no text");
    const loss = this.#loss / n;
    const sameTop = this.#same / n;
    return { tokens: n, loss, perplexity: Math.exp(loss), kl: this.#kl / n, sameTop };
  }
}
