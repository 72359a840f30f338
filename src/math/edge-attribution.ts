/**
 * Edge attribution patching, its algebra: score(s→r) = Σ_t (corrupt_s[t] − clean_s[t]) · ∂metric/∂input_r[t], where input_r is
 * the residual stream as the receiver reads it, before its LayerNorm. Axis letters: R rows (positions of all runs), T positions,
 * D d_model, h d_head, H heads, S senders.
 */
import { LabError } from "../core/lab-error.ts";
import { addProduct } from "./products.ts";

/** What a LayerNorm's backward pass needs of its input. */
export interface NormRows {
  /** (x − x̄) / scale, [R, D] */
  unit: Float64Array;
  /** 1 / √(mean (x − x̄)² + ε), [R] */
  inverse: Float64Array;
}

/** @param x_RD the LayerNorm's input */
export function normRows(x_RD: Float32Array, D: number, epsilon: number): NormRows {
  const R = x_RD.length / D;
  const unit = new Float64Array(x_RD.length);
  const inverse = new Float64Array(R);
  for (let r = 0; r < R; r++) {
    const at = r * D;
    let mean = 0;
    for (let d = 0; d < D; d++) mean += x_RD[at + d]! / D;
    let variance = 0;
    for (let d = 0; d < D; d++) variance += (x_RD[at + d]! - mean) ** 2 / D;
    const by = 1 / Math.sqrt(variance + epsilon);
    inverse[r] = by;
    for (let d = 0; d < D; d++) unit[at + d] = (x_RD[at + d]! - mean) * by;
  }
  return { unit, inverse };
}

/**
 * out[r mod T] += share · (g − mean g − x̂ · mean(g·x̂)) / scale: gradients by a LayerNorm's output, before its weight, become
 * gradients by its input; runs of the same T positions are added up.
 * @param out [T, D]; `grad_RD` [R, D], the LayerNorm's weight multiplied in
 */
export function addNormBackward(
  out: Float64Array,
  grad_RD: ArrayLike<number>,
  { unit, inverse }: NormRows,
  D: number,
  share: number,
): void {
  const [R, T] = [inverse.length, out.length / D];
  if (grad_RD.length !== R * D || !Number.isInteger(R / T)) {
    throw new LabError(
      "shape",
      `expected gradients [${R}, ${D}] of runs of ${T} rows, got ${grad_RD.length} numbers`,
    );
  }
  for (let r = 0; r < R; r++) {
    const at = r * D;
    const to = (r % T) * D;
    let mean = 0;
    let along = 0;
    for (let d = 0; d < D; d++) {
      mean += grad_RD[at + d]!;
      along += grad_RD[at + d]! * unit[at + d]!;
    }
    mean /= D;
    along /= D;
    const by = inverse[r]! * share;
    for (let d = 0; d < D; d++) {
      out[to + d]! += by * (grad_RD[at + d]! - mean - unit[at + d]! * along);
    }
  }
}

/**
 * diag(w) · W of each head's q, k, v in turn, the LayerNorm's weight folded in: [D, h] each, 3·H of them.
 * @param W_D3D `c_attn.weight`; `w_D` the weight of `ln_1`
 */
export function foldedReads(
  W_D3D: Float32Array,
  w_D: Float32Array,
  nHeads: number,
): Float64Array[] {
  const D = w_D.length;
  const h = D / nHeads;
  return Array.from({ length: 3 * nHeads }, (_, receiver) => {
    const first = (receiver % 3) * D + Math.floor(receiver / 3) * h;
    const out = new Float64Array(D * h);
    for (let d = 0; d < D; d++) {
      const from = d * 3 * D + first;
      for (let i = 0; i < h; i++) out[d * h + i] = W_D3D[from + i]! * w_D[d]!;
    }
    return out;
  });
}

/** One head's columns of a gradient [R, H, h], in float64. */
export function headColumns(grad_RHh: Float32Array, head: number, nHeads: number, h: number) {
  const R = grad_RHh.length / (nHeads * h);
  const out = new Float64Array(R * h);
  for (let r = 0; r < R; r++) {
    const from = (r * nHeads + head) * h;
    for (let i = 0; i < h; i++) out[r * h + i] = grad_RHh[from + i]!;
  }
  return out;
}

/** Columns of one product: few enough that eight rows of them stay in a core's cache. */
const COLUMNS = 2048;

/**
 * scores[receiver, sender] += Σ change_sender · gradient_receiver, for receivers that read the same senders.
 * @param scores [receivers, reads], of the edges of these receivers
 * @param gradients [receivers, T·D]; `changes` [S, T·D], of which the first `reads` are read
 */
export function addEdgeScores(
  scores: Float64Array,
  gradients: Float64Array,
  changes: Float32Array,
  reads: number,
  size: number,
): void {
  const receivers = gradients.length / size;
  if (scores.length !== receivers * reads || changes.length < reads * size) {
    throw new LabError(
      "shape",
      `expected ${receivers} receivers of ${reads} senders, got ${scores.length} scores and ${changes.length} numbers`,
    );
  }
  const piece = (of: ArrayLike<number>, rows: number, from: number, width: number) => {
    const out = new Float64Array(rows * width);
    for (let row = 0; row < rows; row++) {
      const at = row * size + from;
      for (let i = 0; i < width; i++) out[row * width + i] = of[at + i]!;
    }
    return out;
  };
  for (let from = 0; from < size; from += COLUMNS) {
    const width = Math.min(COLUMNS, size - from);
    addProduct(
      ...([scores, reads, piece(gradients, receivers, from, width)] as const),
      ...([piece(changes, reads, from, width), width] as const),
    );
  }
}
