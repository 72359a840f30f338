/**
 * Directions of the residual stream as tokens: their dot products with the tokens' rows of W_E (what is read) or columns of
 * W_U (what is written). Nothing stands between: no LayerNorm, in the raw basis not its weight either, and no first MLP.
 * Axis letters: N directions, V vocabulary, D d_model. Sums in float64.
 */
import type { Basis } from "../core/basis.ts";
import { addProduct, rowsOf } from "./products.ts";
import { centred } from "./rows.ts";

const CHUNK = 256; // tokens

/** The checkpoint's matrix that tokens lie in, and what a basis makes of it. */
export interface TokenMatrix {
  /** W_E, or the output head, [V, D] */
  data: Float32Array;
  basis: Basis;
  /** The final LayerNorm's weight, [D], if it is the output head; null for W_E. */
  w: Float32Array | null;
}

/**
 * Yields how much is done, 0–1. TransformerLens's W_E is centred over D, its W_U takes in the final LayerNorm's weight and is
 * centred over D and over V: done to the directions and to what comes out, so that no second matrix is made.
 * @returns [N, V]
 */
export function* tokenProducts(
  directions_ND: Float64Array,
  { data, basis, w }: TokenMatrix,
  D: number,
): Generator<number, Float32Array> {
  const V = data.length / D;
  const N = directions_ND.length / D;
  const seen = directions_ND.slice();
  if (basis === "tl") {
    for (const row of rowsOf(seen, D)) {
      const mean = row.reduce((sum, x) => sum + x, 0) / D;
      row.forEach((x, d) => (row[d] = (x - mean) * (w?.[d] ?? 1)));
    }
  }
  const out = new Float64Array(N * V);
  for (let t = 0; t < V; t += CHUNK) {
    const tokens = Float64Array.from(data.subarray(t * D, (t + CHUNK) * D));
    addProduct(out.subarray(t), V, seen, tokens, D);
    yield t / V;
  }
  const products = Float32Array.from(out);
  return basis === "tl" && w ? centred(products, V) : products;
}

/** −1 where the largest of the values in size is negative, else 1: an SVD leaves the sign of its pairs open. */
export function signOf(values: Float32Array): 1 | -1 {
  let most = 0;
  for (const x of values) if (Math.abs(x) > Math.abs(most)) most = x;
  return most < 0 ? -1 : 1;
}
