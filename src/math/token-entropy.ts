/**
 * Top-token entropy of a feature: H = −Σ p log₂ p, where p(v) is the share of token v among the feature's n strongest
 * activations. 0 bits: always on the same token. log₂ n bits: each time on another. A proxy for how readily a feature can
 * be named, not for whether it means something: one that marks a topic has a high entropy and may be clear all the same.
 */

/** How many of the strongest activations count. */
export const STRONGEST = 20;

/** @param ids the tokens of the n strongest activations @returns bits */
export function tokenEntropy(ids: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / ids.length) * Math.log2(count / ids.length);
  return bits;
}

/** The strongest activations of each feature over a stream of tokens. Of equal ones the first stays. */
export class StrongestTokens {
  readonly #values: Float32Array;
  readonly #ids: Int32Array;
  readonly #filled: Int32Array;

  constructor(dSae: number) {
    this.#values = new Float32Array(dSae * STRONGEST);
    this.#ids = new Int32Array(dSae * STRONGEST);
    this.#filled = new Int32Array(dSae);
  }

  add(feature: number, value: number, id: number): void {
    const from = feature * STRONGEST;
    const filled = this.#filled[feature]!;
    let at = filled < STRONGEST ? filled : STRONGEST - 1;
    if (filled === STRONGEST && value <= this.#values[from + at]!) return;
    for (; at > 0 && this.#values[from + at - 1]! < value; at--) {
      this.#values[from + at] = this.#values[from + at - 1]!;
      this.#ids[from + at] = this.#ids[from + at - 1]!;
    }
    this.#values[from + at] = value;
    this.#ids[from + at] = id;
    if (filled < STRONGEST) this.#filled[feature]! += 1;
  }

  /** Entropy of each feature that fired at least `STRONGEST` times, in bits. */
  entropies(): number[] {
    return [...this.#filled.keys()]
      .filter((feature) => this.#filled[feature] === STRONGEST)
      .map((feature) =>
        tokenEntropy([...this.#ids.subarray(feature * STRONGEST, (feature + 1) * STRONGEST)]),
      );
  }
}
