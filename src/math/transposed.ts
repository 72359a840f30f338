/**
 * Whether the matrices of a square autoencoder look transposed, which their shapes cannot tell: W_enc [D, F] and W_dec [F, D]
 * with D = F.
 *
 * Both: trainers keep the decoder's rows, the features, at one length; its columns then have lengths of their own. Where it is
 * the columns that are equally long and the rows are not, rows and columns were swapped.
 *
 * One of the two: an encoder mostly looks along what its feature writes, cos(W_enc[:, f], W_dec[f]) being well above 0 in the mean
 * over f, as it begins at training with W_encᵀ = W_dec. If that is near 0, but not once one of them is transposed, one was. It
 * tells nothing if both were: the products are the same ones.
 */
export type TransposedLook =
  | { which: "both" }
  /** Mean cosines: as they are, and with one of the two transposed. */
  | { which: "one"; asTheyAre: number; turned: number };

/** (max − min)/mean of lengths that count as equal, with weights rounded to float16; and that do not. */
const EQUAL = 0.01;
const UNEQUAL = 0.03;
/** Mean cosines of unrelated directions, and of an encoder with its decoder. */
const UNRELATED = 0.1;
const RELATED = 0.3;

/** @param n D = F */
export function transposedLook(
  W_enc: Float32Array,
  W_dec: Float32Array,
  n: number,
): TransposedLook | null {
  const rows = spread(lengths(n, (f, i) => W_dec[f * n + i]!));
  const columns = spread(lengths(n, (f, i) => W_dec[i * n + f]!));
  if (columns < EQUAL && rows > UNEQUAL) return { which: "both" };
  const asTheyAre = meanCosine(W_enc, W_dec, n, true);
  const turned = meanCosine(W_enc, W_dec, n, false);
  return asTheyAre < UNRELATED && turned > RELATED ? { which: "one", asTheyAre, turned } : null;
}

const lengths = (n: number, at: (vector: number, i: number) => number): Float64Array =>
  Float64Array.from({ length: n }, (_, vector) => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += at(vector, i) ** 2;
    return Math.sqrt(sum);
  });

const spread = (of: Float64Array): number => {
  const mean = of.reduce((a, b) => a + b, 0) / of.length;
  return mean > 0 ? (of.reduce((a, b) => Math.max(a, b)) - of.reduce((a, b) => Math.min(a, b))) / mean : 0; // prettier-ignore
};

/** Of W_enc's columns, or else its rows, with W_dec's rows; those of length 0 left out; 0 if all are. */
function meanCosine(W_enc: Float32Array, W_dec: Float32Array, n: number, columns: boolean): number {
  let sum = 0;
  let counted = 0;
  for (let f = 0; f < n; f++) {
    let [product, a, b] = [0, 0, 0];
    for (let i = 0; i < n; i++) {
      const e = columns ? W_enc[i * n + f]! : W_enc[f * n + i]!;
      const d = W_dec[f * n + i]!;
      product += e * d;
      a += e * e;
      b += d * d;
    }
    if (a === 0 || b === 0) continue;
    sum += product / Math.sqrt(a * b);
    counted++;
  }
  return counted > 0 ? sum / counted : 0;
}
