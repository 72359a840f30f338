/**
 * Means of a hook's values over prompts of unequal length, as mean ablation puts them in a value's place. Sums in float64.
 * Axis letters: T positions, W one token's worth, H heads.
 */
import { LabError } from "../core/lab-error.ts";

/** Of values that each token has one of. */
export class TokenMean {
  readonly #width: number;
  /** Σ over the prompts that have the position, [W] */
  readonly #sums: Float64Array[] = [];
  /** How many have it. */
  readonly #counts: number[] = [];

  constructor(width: number) {
    this.#width = width;
  }

  /** One prompt. @param x_TW [T, W] @throws LabError "shape" */
  add(x_TW: Float32Array): void {
    const W = this.#width;
    if (x_TW.length % W !== 0) {
      throw new LabError("shape", `expected values as [T, ${W}], got ${x_TW.length} numbers`);
    }
    for (let t = 0; t < x_TW.length / W; t++) {
      const sum = (this.#sums[t] ??= new Float64Array(W));
      for (let i = 0; i < W; i++) sum[i]! += x_TW[t * W + i]!;
      this.#counts[t] = (this.#counts[t] ?? 0) + 1;
    }
  }

  /** Positions of the longest prompt. */
  get length(): number {
    return this.#sums.length;
  }

  /** At position t, Σ over the prompts longer than t of x / their number: [T of the longest, W]. */
  perPosition(): Float32Array {
    const W = this.#width;
    const out = new Float32Array(this.#sums.length * W);
    this.#sums.forEach((sum, t) => {
      for (let i = 0; i < W; i++) out[t * W + i] = sum[i]! / this.#counts[t]!;
    });
    return out;
  }

  /**
   * Σ over prompts and positions t ≥ `skip` of x / their number: [W].
   * @throws LabError "degenerate" if no prompt is that long
   */
  overAll(skip: number): Float32Array {
    const sums = this.#sums.slice(skip);
    const count = this.#counts.slice(skip).reduce((a, b) => a + b, 0);
    if (count === 0) {
      throw new LabError(
        "degenerate",
        `there is nothing to take the mean of: no prompt has more than ${skip} tokens`,
      );
    }
    return Float32Array.from({ length: this.#width }, (_, i) =>
      sums.reduce((total, sum) => total + sum[i]! / count, 0),
    );
  }
}

/** Of attention: a value for each query and each key that it can see. */
export class AttentionMean {
  readonly heads: number;
  /** Σ over the prompts that have the query, [H · (t + 1)] */
  readonly #sums: Float64Array[] = [];
  readonly #counts: number[] = [];

  constructor(heads: number) {
    this.heads = heads;
  }

  /** One prompt. @param x_HTT [H, T, T] @throws LabError "shape" */
  add(x_HTT: Float32Array): void {
    const H = this.heads;
    const T = Math.sqrt(x_HTT.length / H);
    if (!Number.isInteger(T)) {
      throw new LabError("shape", `expected values as [${H}, T, T], got ${x_HTT.length} numbers`);
    }
    for (let t = 0; t < T; t++) {
      const sum = (this.#sums[t] ??= new Float64Array(H * (t + 1)));
      for (let h = 0; h < H; h++) {
        for (let s = 0; s <= t; s++) sum[h * (t + 1) + s]! += x_HTT[(h * T + t) * T + s]!;
      }
      this.#counts[t] = (this.#counts[t] ?? 0) + 1;
    }
  }

  /** Positions of the longest prompt. */
  get length(): number {
    return this.#sums.length;
  }

  /** [H, T, T], T of the longest; a key after its query is no part of the attention: 0. */
  perPosition(): Float32Array {
    const H = this.heads;
    const T = this.#sums.length;
    const out = new Float32Array(H * T * T);
    this.#sums.forEach((sum, t) => {
      for (let h = 0; h < H; h++) {
        for (let s = 0; s <= t; s++) {
          out[(h * T + t) * T + s] = sum[h * (t + 1) + s]! / this.#counts[t]!;
        }
      }
    });
    return out;
  }
}
