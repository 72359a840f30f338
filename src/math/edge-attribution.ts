/**
 * Edge attribution patching, its algebra: score(s→r) = Σ_t (corrupt_s[t] − clean_s[t]) · ∂metric/∂input_r[t], where input_r is
 * the residual stream as the receiver reads it, before its LayerNorm. Axis letters: R rows (positions of all runs), T positions,
 * D d_model, S senders.
 */
import { LabError } from "../core/lab-error.ts";

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
 * corrupt − clean of senders side by side at a hook, each sender's positions together.
 * @param out [S, T, D]; `corrupted` and `clean` [T, S, D]
 */
export function setChanges(
  out: Float32Array,
  corrupted: Float32Array,
  clean: Float32Array,
  S: number,
  D: number,
): void {
  if (
    corrupted.length !== out.length ||
    clean.length !== out.length ||
    out.length % (S * D) !== 0
  ) {
    throw new LabError(
      "shape",
      `expected ${out.length} numbers of ${S} senders twice, got ${corrupted.length} and ${clean.length}`,
    );
  }
  const T = out.length / (S * D);
  for (let t = 0; t < T; t++) {
    for (let sender = 0; sender < S; sender++) {
      const from = (t * S + sender) * D;
      const to = (sender * T + t) * D;
      for (let d = 0; d < D; d++) out[to + d] = corrupted[from + d]! - clean[from + d]!;
    }
  }
}

/**
 * scores[sender] += Σ change_sender · gradient, for a reader of its own: an MLP, or the logits.
 * @param scores [S]; `gradient` [T·D]; `changes` [S or more, T·D]
 */
export function addReaderScores(
  scores: Float64Array,
  gradient: Float64Array,
  changes: Float32Array,
): void {
  const size = gradient.length;
  if (changes.length < scores.length * size) {
    throw new LabError(
      "shape",
      `expected ${scores.length} senders of ${size} numbers, got ${changes.length} in all`,
    );
  }
  for (let sender = 0; sender < scores.length; sender++) {
    let sum = 0;
    for (let i = 0, at = sender * size; i < size; i++, at++) sum += gradient[i]! * changes[at]!;
    scores[sender]! += sum;
  }
}
