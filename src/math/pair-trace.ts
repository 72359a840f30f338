/**
 * An attention score and a value as sums over what wrote into the stream. With the scale s of a LayerNorm held fixed it is
 * linear but for its bias: what a part c of the stream gives to a query, key or value is ((c − c̄) ⊙ w / s) · W. What no part
 * gives is a row of its own, the bias: (Σ b_O) through the same, and b_ln·W + b. Sums in float64.
 * Axis letters: N parts, D d_model, I columns of W.
 * Source: Elhage et al. 2021, "A Mathematical Framework for Transformer Circuits", QK and OV circuits between components.
 */
import { LabError } from "../core/lab-error.ts";

export interface FrozenRead {
  /** Weight and bias of the LayerNorm, and its scale at the position. */
  w_D: Float32Array;
  b_D: Float32Array;
  scale: number;
  /** [D, columns]; I of them from `first` on are read. */
  W: Float32Array;
  bias: Float32Array;
  first: number;
  count: number;
}

/**
 * @param parts_ND rows of the stream; the last is what no component wrote, and takes the biases
 * @returns [N, I]: its sum over N is what the head reads
 */
export function partsRead(
  parts_ND: Float64Array,
  { w_D, b_D, scale, W, bias, first, count }: FrozenRead,
): Float64Array {
  const D = w_D.length;
  const N = parts_ND.length / D;
  if (!Number.isInteger(N) || W.length % D !== 0) {
    throw new LabError(
      "shape",
      `expected parts [N, ${D}] and weights [${D}, …], got ${parts_ND.length} and ${W.length} numbers`,
    );
  }
  const columns = W.length / D;
  const out_NI = new Float64Array(N * count);
  for (let n = 0; n < N; n++) {
    let mean = 0;
    for (let d = 0; d < D; d++) mean += parts_ND[n * D + d]! / D;
    for (let d = 0; d < D; d++) {
      const y = ((parts_ND[n * D + d]! - mean) * w_D[d]!) / scale + (n === N - 1 ? b_D[d]! : 0);
      for (let i = 0; i < count; i++) out_NI[n * count + i]! += y * W[d * columns + first + i]!;
    }
    if (n === N - 1) for (let i = 0; i < count; i++) out_NI[n * count + i]! += bias[first + i]!;
  }
  return out_NI;
}

/** q_n · k_m / divisor of all pairs. @returns [N, M], whose sum is the score */
export function pairScores(
  q_NI: Float64Array,
  k_MI: Float64Array,
  width: number,
  divisor: number,
): Float64Array {
  const [N, M] = [q_NI.length / width, k_MI.length / width];
  const out_NM = new Float64Array(N * M);
  for (let n = 0; n < N; n++) {
    for (let m = 0; m < M; m++) {
      let sum = 0;
      for (let i = 0; i < width; i++) sum += q_NI[n * width + i]! * k_MI[m * width + i]!;
      out_NM[n * M + m] = sum / divisor;
    }
  }
  return out_NM;
}
