/** Two token lists side by side: which position of one stands for which of the other. */
export interface AlignedPair {
  /** Position in the first list; null: only the second has this token. */
  a: number | null;
  b: number | null;
}

/**
 * Pairs equal tokens along a longest common subsequence; between two pairs, what is left over on both sides is paired in
 * order (one word in another's place), and the rest stands alone. Equal lists pair one to one. O(n·m) time.
 * @returns every position of each list once, in order
 */
export function alignTokens(a: readonly number[], b: readonly number[]): AlignedPair[] {
  const width = b.length + 1;
  const longest = new Uint32Array((a.length + 1) * width); // of a[i…] and b[j…]
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      longest[i * width + j] =
        a[i] === b[j]
          ? longest[(i + 1) * width + j + 1]! + 1
          : Math.max(longest[(i + 1) * width + j]!, longest[i * width + j + 1]!);
    }
  }
  const pairs: AlignedPair[] = [];
  let [i, j] = [0, 0]; // the first positions that are not paired yet
  const upTo = (endA: number, endB: number) => {
    while (i < endA || j < endB) {
      pairs.push({ a: i < endA ? i++ : null, b: j < endB ? j++ : null });
    }
  };
  let [x, y] = [0, 0];
  while (x < a.length && y < b.length) {
    if (a[x] === b[y]) {
      upTo(x, y);
      pairs.push({ a: x++, b: y++ });
      [i, j] = [x, y];
    } else if (longest[(x + 1) * width + y]! >= longest[x * width + y + 1]!) x++;
    else y++;
  }
  upTo(a.length, b.length);
  return pairs;
}

/**
 * b − a for numbers by row and position, over aligned positions; NaN where one side has none.
 * @param a [R, T_a], `b` [R, T_b] @returns [R, pairs]
 */
export function alignedDifference(
  a: Float32Array,
  b: Float32Array,
  pairs: readonly AlignedPair[],
  R: number,
): Float32Array {
  const [Ta, Tb] = [a.length / R, b.length / R];
  return Float32Array.from({ length: R * pairs.length }, (_, i) => {
    const r = Math.floor(i / pairs.length);
    const pair = pairs[i % pairs.length]!;
    if (pair.a === null || pair.b === null) return NaN;
    return b[r * Tb + pair.b]! - a[r * Ta + pair.a]!;
  });
}

/**
 * b − a for numbers by query and key, over aligned positions; NaN where one side has not both.
 * @param a [T_a, T_a], `b` [T_b, T_b] @returns [pairs, pairs]
 */
export function alignedSquareDifference(
  a: Float32Array,
  b: Float32Array,
  pairs: readonly AlignedPair[],
): Float32Array {
  const [Ta, Tb] = [Math.sqrt(a.length), Math.sqrt(b.length)];
  const n = pairs.length;
  const out = new Float32Array(n * n).fill(NaN);
  pairs.forEach((query, q) => {
    if (query.a === null || query.b === null) return;
    for (let k = 0; k < n; k++) {
      const key = pairs[k]!;
      if (key.a === null || key.b === null) continue;
      out[q * n + k] = b[query.b * Tb + key.b]! - a[query.a * Ta + key.a]!;
    }
  });
  return out;
}
