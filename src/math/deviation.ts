/**
 * How far values are from what they should be, told by the worst of them. Pure; for checks of many arrays at once.
 */

export type Numbers = readonly number[] | Float32Array | Float64Array;

export interface Pair {
  /** What is compared: "blocks.2.hook_resid_mid". */
  where: string;
  expected: Numbers;
  found: Numbers;
  /** What rounding errors are proportional to; @default the largest finite |expected| */
  scale?: number;
}

/** Of the value that is furthest off for its tolerance. */
export interface Deviation {
  expected: number | null;
  found: number | null;
  /** |found − expected|; NaN if one is no number where it should be */
  difference: number;
  /** relative tolerance · scale of that value's pair */
  tolerance: number;
  where: string;
  compared: number;
  pass: boolean;
}

/** The largest finite |x|; 0 for nothing. */
export function largestMagnitude(...arrays: readonly Numbers[]): number {
  let largest = 0;
  for (const array of arrays) {
    for (const value of array) {
      const x = Math.abs(value);
      if (x > largest && x < Infinity) largest = x;
    }
  }
  return largest;
}

/**
 * The value for which |found − expected| / (tolerance · scale) is largest, over all pairs. Equal infinities agree. Passes if
 * that is at most 1; NaN, unequal lengths and no values at all do not.
 * @param tolerance relative to each pair's scale, unitless
 */
export function worstDeviation(pairs: Iterable<Pair>, tolerance: number): Deviation {
  const none = { expected: null, found: null, difference: NaN, tolerance: NaN, pass: false };
  let worst: Deviation = { ...none, where: "nothing was compared", compared: 0 };
  let worstRatio = -1;
  let compared = 0;
  for (const pair of pairs) {
    const { where, expected, found, scale = largestMagnitude(expected) } = pair;
    const allowed = tolerance * scale;
    compared += expected.length;
    const { ratio, at } = worstPlace(pair, allowed);
    if (at === null || ratio <= worstRatio) continue;
    worstRatio = ratio;
    const [e, f] = at === "length" ? [expected.length, found.length] : [expected[at]!, found[at]!];
    worst = {
      ...{ expected: e, found: f, compared, tolerance: allowed, pass: ratio <= 1 },
      difference: e === f ? 0 : Math.abs(f - e),
      where: at === "length" ? `${where}: number of values` : placeName(where, expected.length, at),
    };
  }
  return { ...worst, compared };
}

const placeName = (where: string, length: number, at: number) =>
  length === 1 ? where : `${where} [${at}]`;

/** Where a pair is furthest off, in units of what is allowed; ∞ where no number can say it. */
function worstPlace({ expected, found }: Pair, allowed: number) {
  if (expected.length !== found.length) return { ratio: Infinity, at: "length" as const };
  let ratio = -1;
  let at: number | null = null;
  for (let i = 0; i < expected.length; i++) {
    const [e, f] = [expected[i]!, found[i]!];
    const here = e === f ? 0 : Math.abs(f - e) / allowed;
    const rank = Number.isNaN(here) ? Infinity : here;
    if (rank <= ratio) continue;
    ratio = rank;
    at = i;
  }
  return { ratio, at };
}
