/**
 * A head as four factors of its two circuits, rows of vectors of the residual stream: W_QK = W_Q·W_Kᵀ and W_OV = W_V·W_O,
 * [D, D] of rank d_head, which are never formed. x·W_OV is what a head writes for the x it attends to; x_q·W_QK·x_kᵀ, before
 * the division by √d_head, is how much query x_q attends to key x_k. Axis letters: H heads, D d_model, h d_head.
 * Source: Elhage et al. 2021, A Mathematical Framework for Transformer Circuits (there with columns for rows); TransformerLens
 * FactoredMatrix.
 */
import { product, rowsOf, transposedF64 } from "./products.ts";
import { svd } from "./svd.ts";
import { thinQr } from "./thin-qr.ts";

/** A layer's parameters as TransformerLens has them: W_Q, W_K and W_V [H, D, h], W_O [H, h, D]. */
export interface AttentionWeights {
  W_Q: Float32Array;
  W_K: Float32Array;
  W_V: Float32Array;
  W_O: Float32Array;
}

export interface HeadFactors {
  D: number;
  /** W_Qᵀ, W_Kᵀ, W_Vᵀ and W_O, each [h, D] */
  q: Float64Array;
  k: Float64Array;
  v: Float64Array;
  o: Float64Array;
}
/** A·Bᵀ with A and B [D, h], given as their columns: [h, D]. */
export interface FactoredCircuit {
  D: number;
  a: Float64Array;
  b: Float64Array;
}
export const ovCircuit = ({ D, v, o }: HeadFactors): FactoredCircuit => ({ D, a: v, b: o });
export const qkCircuit = ({ D, q, k }: HeadFactors): FactoredCircuit => ({ D, a: q, b: k });

/** One head's own part of one of a layer's parameters. */
export const ofHead = (W: Float32Array, head: number, D: number, h: number): Float32Array =>
  W.subarray(head * D * h, (head + 1) * D * h);

export function headFactors(
  { W_Q, W_K, W_V, W_O }: AttentionWeights,
  head: number,
  D: number,
  h: number,
): HeadFactors {
  const columns = (W: Float32Array) => transposedF64(ofHead(W, head, D, h), D);
  return {
    D,
    q: columns(W_Q),
    k: columns(W_K),
    v: columns(W_V),
    o: Float64Array.from(ofHead(W_O, head, D, h)),
  };
}

export interface CircuitSvd {
  /** Singular values, the largest first, [h]. */
  s_h: Float64Array;
  /** Left and right singular vectors of length 1, [h, D]; 0 where the singular value is. A·Bᵀ = Σ_i s_i · u_i v_iᵀ */
  u_hD: Float64Array;
  v_hD: Float64Array;
}

/** The SVD of a circuit from its factors: A = Q_a·R_a and B = Q_b·R_b, then that of R_a·R_bᵀ, [h, h]. */
export function circuitSvd({ D, a, b }: FactoredCircuit): CircuitSvd {
  const h = a.length / D;
  const [left, right] = [thinQr(a, D), thinQr(b, D)];
  const { s_n, u_nn, v_nn } = svd(product(left.r_nn, right.r_nn, h), h);
  const vectors = (coefficients: Float64Array, q_hD: Float64Array) =>
    product(coefficients, transposedF64(q_hD, h), h);
  const v_hD = vectors(v_nn, right.q_nD);
  rowsOf(v_hD, D).forEach((v, i) => {
    if (s_n[i] === 0) v.fill(0);
  });
  return { s_h: s_n, u_hD: vectors(u_nn, left.q_nD), v_hD };
}
