/**
 * The k largest of each row, or of everything. A bound a little below the k-th largest parts the few that can matter from
 * the many that cannot in one pass; the k-th largest is then looked for among the few. Rows of a batch are alike, so the
 * row before gives the bound; for everything a sample does.
 */

/** Below the k-th largest of the row before by so much: leaves some 2k to 4k candidates of a normal distribution's tail. */
const MARGIN = 0.75;

/**
 * out = x where x is above 0 and among the row's k largest, else 0. What equals the k-th largest is kept as well, and so
 * is NaN: broken numbers must be seen.
 * @param x [rows, columns]; `out` the same, may hold anything
 */
export function selectLargest(
  x: Float32Array,
  columns: number,
  k: number,
  out: Float32Array,
): void {
  const places = new Int32Array(columns);
  const values = new Float32Array(columns);
  out.fill(0);
  let bound = 0;
  for (let start = 0; start < x.length; start += columns) {
    let count = placesAbove(bound, x, start, columns, places);
    if (count < k && bound > 0) count = placesAbove(0, x, start, columns, places);
    for (let n = 0; n < count; n++) values[n] = x[places[n]!]!;
    const least = count < k ? 0 : kthLargest(values, count, k);
    for (let n = 0; n < count; n++) {
      const value = x[places[n]!]!;
      if (!(value < least)) out[places[n]!] = value;
    }
    bound = MARGIN * least;
  }
}

const SAMPLE = 8192;
/** Odd, and far from any width: the sample's places walk through rows and columns alike. */
const STRIDE = 2654435761;

/**
 * out = x where x is above 0 and among the `count` largest of all, else 0, with equals and NaN as in `selectLargest`.
 * @returns the least that is kept; 0 where fewer than `count` are above 0
 */
export function selectLargestOfAll(x: Float32Array, count: number, out: Float32Array): number {
  let places = placesOfAll(sampledBound(x, count), x, 2 * count + SAMPLE);
  if (places.length < count) places = placesOfAll(0, x, x.length);
  const values = Float32Array.from(places, (place) => x[place]!);
  const least = values.length < count ? 0 : kthLargest(values, values.length, count);
  out.fill(0);
  for (const place of places) if (!(x[place]! < least)) out[place] = x[place]!;
  return least;
}

/** Where all values above `bound` are. @param expected so many of them, at most: if there are more it takes longer */
function placesOfAll(bound: number, x: Float32Array, expected: number): Int32Array {
  const room = Math.min(expected, x.length);
  const places = new Int32Array(room);
  const count = placesAbove(bound, x, 0, x.length, places); // what is beyond the room is not written
  return count > room ? placesOfAll(bound, x, count) : places.subarray(0, count);
}

/** What is below the `count`-th largest almost surely, and not by much; 0 where a sample cannot tell. */
function sampledBound(x: Float32Array, count: number): number {
  if (x.length < 8 * SAMPLE) return 0;
  const sample = Float32Array.from({ length: SAMPLE }, (_, i) => x[(i * STRIDE) % x.length]!);
  const expected = (count / x.length) * SAMPLE;
  const rank = Math.ceil(expected + 4 * Math.sqrt(expected) + 4);
  return rank >= SAMPLE ? 0 : Math.max(0, kthLargest(sample, SAMPLE, rank));
}

/** Where a row's values above `bound` are. @returns how many */
function placesAbove(
  bound: number,
  x: Float32Array,
  start: number,
  columns: number,
  places: Int32Array,
): number {
  let count = 0;
  for (let i = start; i < start + columns; i++) {
    if (!(x[i]! <= bound)) places[count++] = i;
  }
  return count;
}

/** Hoare's quickselect on the first `count` values, which it reorders. */
function kthLargest(values: Float32Array, count: number, k: number): number {
  let [first, last] = [0, count - 1];
  while (first < last) {
    const pivot = values[(first + last) >> 1]!;
    let [i, j] = [first, last];
    while (i <= j) {
      while (values[i]! > pivot) i += 1;
      while (values[j]! < pivot) j -= 1;
      if (i > j) break;
      const value = values[i]!;
      values[i++] = values[j]!;
      values[j--] = value;
    }
    if (k - 1 <= j) last = j;
    else if (k - 1 >= i) first = i;
    else break;
  }
  return values[k - 1]!;
}
