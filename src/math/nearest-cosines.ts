/** The nearest neighbours of every row of a matrix, by cosine. Axis letters: N rows, D columns, k neighbours. */

export interface NearestRows {
  /** Nearest first, [N, k]. */
  indices: Int32Array;
  /** 1 − cosine, 0 … 2; a row of zeros is at 1 from all others. */
  distances: Float32Array;
}

/**
 * All N²/2 cosines, each once. Yields how many rows are done.
 * @param rows [N, D] @param k at most N − 1
 */
export function* nearestByCosine(
  rows: Float32Array,
  D: number,
  k: number,
): Generator<number, NearestRows> {
  const N = rows.length / D;
  const unit = unitRows(rows, D);
  const indices = new Int32Array(N * k).fill(-1);
  const distances = new Float32Array(N * k).fill(Infinity);
  for (let i = 0; i < N; i++) {
    const from = i * D;
    for (let j = i + 1; j < N; j++) {
      const to = j * D;
      let [a, b, c, e] = [0, 0, 0, 0];
      let d = 0;
      for (; d + 3 < D; d += 4) {
        a += unit[from + d]! * unit[to + d]!;
        b += unit[from + d + 1]! * unit[to + d + 1]!;
        c += unit[from + d + 2]! * unit[to + d + 2]!;
        e += unit[from + d + 3]! * unit[to + d + 3]!;
      }
      for (; d < D; d++) a += unit[from + d]! * unit[to + d]!;
      const distance = Math.max(0, 1 - (a + b + c + e));
      if (distance < distances[(i + 1) * k - 1]!) insert(indices, distances, i * k, k, j, distance);
      if (distance < distances[(j + 1) * k - 1]!) insert(indices, distances, j * k, k, i, distance);
    }
    yield i + 1;
  }
  return { indices, distances };
}

function unitRows(rows: Float32Array, D: number): Float32Array {
  const unit = new Float32Array(rows.length);
  for (let from = 0; from < rows.length; from += D) {
    let square = 0;
    for (let d = 0; d < D; d++) square += rows[from + d]! ** 2;
    const norm = Math.sqrt(square) || 1;
    for (let d = 0; d < D; d++) unit[from + d] = rows[from + d]! / norm;
  }
  return unit;
}

function insert(
  indices: Int32Array,
  distances: Float32Array,
  start: number,
  k: number,
  index: number,
  distance: number,
): void {
  let at = start + k - 1;
  while (at > start && distances[at - 1]! > distance) {
    distances[at] = distances[at - 1]!;
    indices[at] = indices[at - 1]!;
    at--;
  }
  distances[at] = distance;
  indices[at] = index;
}
