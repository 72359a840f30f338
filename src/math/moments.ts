/** Mean and standard deviation of a stream of numbers in one pass: Welford 1962, stable where the mean is far from 0. */

export class Moments {
  count = 0;
  #mean = 0;
  /** Σ(v − mean)² */
  #squares = 0;
  least = Infinity;
  most = -Infinity;

  add(value: number): void {
    this.count += 1;
    const before = value - this.#mean;
    this.#mean += before / this.count;
    this.#squares += before * (value - this.#mean);
    if (value < this.least) this.least = value;
    if (value > this.most) this.most = value;
  }

  /** null without a value */
  get mean(): number | null {
    return this.count === 0 ? null : this.#mean;
  }

  /** √(Σ(v − mean)² / n), of the values as a whole population; null without a value */
  get deviation(): number | null {
    return this.count === 0 ? null : Math.sqrt(this.#squares / this.count);
  }
}
