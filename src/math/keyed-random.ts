/**
 * Random numbers by key instead of by history: `keyedRandom(seed, purpose, step)` starts the same stream whenever it is
 * asked, so that a run continued from a checkpoint draws what the uninterrupted run would have drawn.
 * Generator: sfc32 (Chris Doty-Humphrey, PractRand), state mixed from the key by MurmurHash3's finaliser.
 */

/** A stream of numbers in [0, 1), the same for the same key of integers. */
export function keyedRandom(...key: readonly number[]): () => number {
  let hash = 0x9e3779b9;
  for (const part of key) {
    // Both halves, so that seeds beyond 2^32 differ.
    hash = mix(hash ^ (part | 0));
    hash = mix(hash ^ Math.floor(part / 2 ** 32));
  }
  let a = mix(hash ^ 0xa341316c);
  let b = mix(a ^ 0xc8013ea4);
  let c = mix(b ^ 0xad90777d);
  let counter = 1;
  const next = () => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return (sum >>> 0) / 2 ** 32;
  };
  for (let i = 0; i < 12; i++) next();
  return next;
}

/** A standard normal number, by Box and Muller. */
export function normal(random: () => number): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random())); // 1 − u is never 0
  return radius * Math.cos(2 * Math.PI * random());
}

/** 0 … n−1 in random order (Fisher and Yates). */
export function permutation(n: number, random: () => number): Int32Array {
  const order = Int32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    const swap = order[i]!;
    order[i] = order[j]!;
    order[j] = swap;
  }
  return order;
}

function mix(x: number): number {
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) | 0;
}
