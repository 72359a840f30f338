/**
 * Circuits between tokens. W_E·W_OV·W_U and W_E·W_QK·W_Eᵀ, [V, V], have the nonzero eigenvalues of W_O·(W_U·W_E)·W_V and
 * W_Kᵀ·(W_Eᵀ·W_E)·W_Q, [h, h], since AB and BA have the same. What is in brackets, [D, D], is summed over the vocabulary once for
 * a model, and serves all heads. Axis letters: V vocabulary, D d_model, h d_head. Sums in float64.
 */
import type { Basis } from "../core/basis.ts";
import type { FactoredCircuit } from "./head-factors.ts";
import { addProduct, product, transposedF64 } from "./products.ts";
import type { Eigenvalues } from "./eigenvalues.ts";

/** Sums over the tokens t of the checkpoint's embeddings e_t and output head u_t. */
export interface VocabularyProducts {
  V: number;
  D: number;
  /** Σ e_t e_tᵀ, [D, D] */
  EE: Float64Array;
  /** Σ u_t e_tᵀ, [D, D]; the same array as EE where the two are tied */
  UE: Float64Array;
  /** Σ e_t and Σ u_t, [D] */
  e: Float64Array;
  u: Float64Array;
}

const CHUNK = 256; // tokens
const ROWS = 64; // of the sums between two yields: some ten milliseconds

/**
 * Sums up, and yields between pieces how many tokens are done.
 * @param E_VD W_E; `U_VD` the output head, the same array where it is tied
 */
export function* vocabularyProducts(
  E_VD: Float32Array,
  U_VD: Float32Array,
  D: number,
): Generator<number, VocabularyProducts> {
  const V = E_VD.length / D;
  const tied = E_VD === U_VD;
  const EE = new Float64Array(D * D);
  const UE = tied ? EE : new Float64Array(D * D);
  const e = new Float64Array(D);
  const u = new Float64Array(D);
  for (let t = 0; t < V; t += CHUNK) {
    const n = Math.min(CHUNK, V - t);
    const part = (x: Float32Array) => transposedF64(x.subarray(t * D, (t + n) * D), n);
    const E = part(E_VD);
    const U = tied ? E : part(U_VD);
    addRowSums(e, E, n);
    addRowSums(u, U, n);
    for (let r = 0; r < D; r += ROWS) {
      const to = Math.min(r + ROWS, D);
      // The upper triangle of the symmetric one; the rest is copied in the end.
      addProduct(EE.subarray(r * D + r), D, E.subarray(r * n, to * n), E.subarray(r * n), n);
      if (!tied) addProduct(UE.subarray(r * D), D, U.subarray(r * n, to * n), E, n);
      yield t;
    }
  }
  for (let r = 0; r < D; r++) for (let c = 0; c < r; c++) EE[r * D + c] = EE[c * D + r]!;
  return { V, D, EE, UE, e, u };
}

function addRowSums(out: Float64Array, x: Float64Array, n: number): void {
  for (let i = 0; i < x.length; i++) out[Math.floor(i / n)]! += x[i]!;
}

/**
 * W_U·W_E and W_Eᵀ·W_E, [D, D], of the weights in a basis. TransformerLens's W_E is W_E·C, and its W_U is C·diag(w)·(W_U less
 * its mean over the vocabulary), with C = I − 11ᵀ/D and w the final LayerNorm's weight.
 */
export function productsInBasis(
  { V, D, EE, UE, e, u }: VocabularyProducts,
  w_D: Float32Array,
  basis: Basis,
): { UE: Float64Array; EE: Float64Array } {
  if (basis === "raw") return { UE, EE };
  const folded = UE.map((x, i) => {
    const [r, c] = [Math.floor(i / D), i % D];
    return w_D[r]! * (x - (u[r]! * e[c]!) / V);
  });
  return { UE: twiceCentred(folded, D), EE: twiceCentred(EE, D) };
}

/** C·X·C: rows and columns without their means. */
function twiceCentred(x: Float64Array, D: number): Float64Array {
  const rows = new Float64Array(D);
  const columns = new Float64Array(D);
  let mean = 0;
  x.forEach((value, i) => {
    rows[Math.floor(i / D)]! += value / D;
    columns[i % D]! += value / D;
    mean += value / (D * D);
  });
  return x.map((value, i) => value - rows[Math.floor(i / D)]! - columns[i % D]! + mean);
}

/**
 * Bᵀ·M·A for the circuit A·Bᵀ: its eigenvalues are those of A·Bᵀ·M, besides zeros.
 * @param M_DD [D, D] @returns [h, h]
 */
export function throughVocabulary({ D, a, b }: FactoredCircuit, M_DD: Float64Array): Float64Array {
  return product(b, product(a, M_DD, D), D);
}

/**
 * Σ λ / Σ |λ|, −1 to 1: for OV the copying score of Elhage et al. 2021, 1 if the head raises the logits of the tokens that it
 * attends to. The imaginary parts of a real matrix's eigenvalues cancel.
 * @returns null if all are 0
 */
export function eigenvalueScore({ re, im }: Eigenvalues): number | null {
  let [sum, moduli] = [0, 0];
  re.forEach((x, i) => {
    sum += x;
    moduli += Math.hypot(x, im[i]!);
  });
  return moduli > 0 ? sum / moduli : null;
}
