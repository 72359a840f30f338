/**
 * A uniform sample of k from each of many streams, whatever their length, in one pass: of all that comes by, the k with the
 * smallest keys, where a key is a hash of what it belongs to (bottom-k sampling; Cohen and Kaplan, 2007). Two samples make
 * that of their union exactly, so that bins of a histogram may merge. What comes twice under one key counts once.
 */
export class BottomSamples {
  readonly #bins: number;
  readonly #k: number;
  /** Ascending in each bin, [rows, bins, k]. */
  readonly #keys: Uint32Array;
  readonly #refs: Uint32Array;
  /** [rows, bins] */
  readonly #counts: Uint8Array;

  /** @param bins even, so that two halves merge @param k at most 255 */
  constructor(rows: number, bins: number, k: number) {
    this.#bins = bins;
    this.#k = k;
    this.#keys = new Uint32Array(rows * bins * k);
    this.#refs = new Uint32Array(rows * bins * k);
    this.#counts = new Uint8Array(rows * bins);
  }

  /** @param key a hash, 32 bits @param ref what is kept */
  add(row: number, bin: number, key: number, ref: number): void {
    const at = row * this.#bins + bin;
    this.#insert(at, key, ref);
  }

  /** Bins 2i and 2i + 1 become bin i; the upper half is empty then. */
  double(row: number): void {
    const k = this.#k;
    for (let bin = 0; bin < this.#bins; bin++) {
      const from = row * this.#bins + bin;
      const count = this.#counts[from]!;
      if (count === 0) continue;
      const keys = this.#keys.slice(from * k, from * k + count);
      const refs = this.#refs.slice(from * k, from * k + count);
      // An even bin's place is free, or its own: all before it have moved on.
      this.#counts[from] = 0;
      const to = row * this.#bins + (bin >> 1);
      keys.forEach((key, i) => this.#insert(to, key, refs[i]!));
    }
  }

  /** What was kept of a bin, by key. */
  read(row: number, bin: number): number[] {
    const at = row * this.#bins + bin;
    const start = at * this.#k;
    return Array.from(this.#refs.subarray(start, start + this.#counts[at]!));
  }

  #insert(at: number, key: number, ref: number): void {
    const k = this.#k;
    const start = at * k;
    const count = this.#counts[at]!;
    if (count === k && key >= this.#keys[start + k - 1]!) return;
    let place = count;
    while (place > 0 && this.#keys[start + place - 1]! >= key) place--;
    if (place < count && this.#keys[start + place] === key) return;
    for (let i = Math.min(count, k - 1); i > place; i--) {
      this.#keys[start + i] = this.#keys[start + i - 1]!;
      this.#refs[start + i] = this.#refs[start + i - 1]!;
    }
    this.#keys[start + place] = key;
    this.#refs[start + place] = ref;
    if (count < k) this.#counts[at] = count + 1;
  }
}

/** A hash of two numbers of 32 bits, uniform enough to sample by (the mixing of MurmurHash3's end). */
export function mix(a: number, b: number): number {
  let h = (a ^ Math.imul(b, 0x9e3779b1)) >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
