/**
 * How much of what an earlier head writes a later one reads: ‖A·B‖_F / (‖A‖_F·‖B‖_F), 0 to 1, with A = W_OV of the earlier one and
 * B what the later one reads with: Q-composition W_QK, K-composition W_QKᵀ, V-composition W_OV (rows times matrices; Elhage et
 * al. 2021 write columns: W_QKᵀ·W_OV, W_QK·W_OV, W_OV·W_OV; TransformerLens all_composition_scores).
 *
 * Two heads without any relation: turn one against the other by all rotations of the residual stream; the mean of
 * the score's square is then 1/D, whatever the two are (E‖A·R·B‖² = ‖A‖²‖B‖²/D), so 1/√D is what there is to beat. Elhage et
 * al. subtract what random matrices gave them. In TransformerLens's basis all is centred: D − 1 dimensions.
 *
 * ‖A·B‖² is the inner product of AᵀA with BBᵀ, two symmetric [D, D]: with AᵀA = W_Oᵀ·(W_VᵀW_V)·W_O made row by row, a pair
 * costs D²/2 products instead of D·h². Axis letters: N heads, D d_model, h d_head. Sums in float64.
 */
import type { Basis } from "../core/basis.ts";
import { COMPOSITIONS, type CompositionKind, type OfEach } from "../core/weights.ts";
import { type AttentionWeights, ofHead } from "./head-factors.ts";
import { addProduct, inner, product, transposedF64 } from "./products.ts";

/** The root mean square of unrelated heads' scores. */
export const unrelatedScore = (D: number, basis: Basis): number =>
  1 / Math.sqrt(basis === "raw" ? D : D - 1);

type Factor = "q" | "k" | "v" | "o";
type OfFactors<T> = Record<Factor, T>;
/** A head as composition sees it: W_Q, W_K, W_V and W_Oᵀ, each [D, h], and their Gram matrices XᵀX, [h, h]. */
export interface ComposingHead {
  layer: number;
  D: number;
  h: number;
  tall: OfFactors<Float32Array>;
  grams: OfFactors<Float64Array>;
  /** ‖W_OV‖² and ‖W_QK‖² (Frobenius) */
  ov2: number;
  qk2: number;
}
/** AᵀA and BBᵀ are X·G·Xᵀ, with X one factor and G the Gram matrix of the other. */
const WRITES: readonly [Factor, Factor] = ["o", "v"];
const READS: OfEach<readonly [Factor, Factor]> = { Q: ["q", "k"], K: ["k", "q"], V: ["v", "o"] };

export function composingHead(
  { W_Q, W_K, W_V, W_O }: AttentionWeights,
  layer: number,
  head: number,
  D: number,
  h: number,
): ComposingHead {
  const own = (W: Float32Array) => ofHead(W, head, D, h);
  const tall = {
    q: own(W_Q),
    k: own(W_K),
    v: own(W_V),
    o: Float32Array.from(transposedF64(own(W_O), h)),
  };
  const gram = (x_Dh: Float32Array) => {
    const x_hD = transposedF64(x_Dh, D);
    return product(x_hD, x_hD, D);
  };
  const grams = { q: gram(tall.q), k: gram(tall.k), v: gram(tall.v), o: gram(tall.o) };
  const ov2 = inner(grams.v, grams.o);
  return { layer, D, h, tall, grams, ov2, qk2: inner(grams.q, grams.k) };
}

/** NaN where one of the two is 0: there is no telling. */
function score(
  square: number,
  earlier: ComposingHead,
  later: ComposingHead,
  kind: CompositionKind,
) {
  const lengths = earlier.ov2 * (kind === "V" ? later.ov2 : later.qk2);
  return lengths > 0 ? Math.sqrt(Math.max(0, square) / lengths) : NaN;
}

/** The scores of one pair, by itself: ‖A·B‖² = tr(G_b·Pᵀ·G_a·P), P = W_O·X, [h, h]. */
export function pairComposition(earlier: ComposingHead, later: ComposingHead): OfEach<number> {
  const { D, h } = earlier;
  const [write, inside] = WRITES;
  const o_hD = transposedF64(earlier.tall[write], D);
  const of = (kind: CompositionKind): number => {
    const [read, beyond] = READS[kind];
    const Pt = product(transposedF64(later.tall[read], D), o_hD, D);
    const square = inner(
      product(product(Pt, earlier.grams[inside], h), Pt, h),
      later.grams[beyond],
    );
    return score(square, earlier, later, kind);
  };
  return { Q: of("Q"), K: of("K"), V: of("V") };
}

const ROWS = 8; // of the [D, D] matrices at a time
const HEADS = 16; // between two yields

/**
 * The scores of all pairs. Yields, every few milliseconds, how much is done, 0–1.
 * @param heads by layer
 * @returns [N, N] for each kind: row writes, column reads; NaN where the reader is in no later layer
 */
export function* allCompositions(
  heads: readonly ComposingHead[],
): Generator<number, OfEach<Float32Array>> {
  const N = heads.length;
  const { D } = heads[0]!;
  const layers = Math.max(...heads.map(({ layer }) => layer)) + 1;
  const first = (layer: number) => heads.findIndex((head) => head.layer >= layer);
  const sums = new Float64Array(N * 3 * N); // [writer, reader, kind]
  for (let from = 0; from < D; from += ROWS) {
    const n = Math.min(ROWS, D - from);
    const width = D - from; // symmetric: what is left of these columns was done with the rows above
    const written = new Float64Array(n * N * width); // [row, writer, column]
    const read = new Float64Array(n * 3 * N * width); // [row, reader, kind, column]
    const share = 1 - (width / D) ** 2;
    for (const [i, head] of heads.entries()) {
      addRows(written, i, N, head, WRITES, from, n);
      COMPOSITIONS.forEach((kind, c) => {
        addRows(read, 3 * i + c, 3 * N, head, READS[kind], from, n);
      });
      if (i % HEADS === HEADS - 1) yield share;
    }
    // Outside the square on the diagonal each entry stands for its mirror image too.
    for (let r = 0; r < n * N; r++) {
      for (let c = n; c < width; c++) written[r * width + c]! *= 2;
    }
    for (let layer = 1; layer < layers; layer++) {
      const [begin, end] = [first(layer), layer + 1 < layers ? first(layer + 1) : N];
      for (let r = 0; r < n; r++) {
        const earlier = written.subarray(r * N * width, (r * N + begin) * width);
        const later = read.subarray((r * N + begin) * 3 * width, (r * N + end) * 3 * width);
        addProduct(sums.subarray(begin * 3), 3 * N, earlier, later, width);
      }
      yield share;
    }
  }
  const of = (kind: CompositionKind) =>
    Float32Array.from({ length: N * N }, (_, i) => {
      const [a, b] = [Math.floor(i / N), i % N];
      if (heads[a]!.layer >= heads[b]!.layer) return NaN;
      return score(sums[3 * i + COMPOSITIONS.indexOf(kind)]!, heads[a]!, heads[b]!, kind);
    });
  return { Q: of("Q"), K: of("K"), V: of("V") };
}

/** out[row, slot, column] += (X·G·Xᵀ)[from + row, from + column] */
function addRows(
  out: Float64Array,
  slot: number,
  slots: number,
  { D, h, tall, grams }: ComposingHead,
  [factor, other]: readonly [Factor, Factor],
  from: number,
  n: number,
): void {
  const x = Float64Array.from(tall[factor].subarray(from * h));
  const width = D - from;
  const rows = product(x.subarray(0, n * h), grams[other], h);
  addProduct(out.subarray(slot * width), slots * width, rows, x, h);
}
