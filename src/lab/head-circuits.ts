/** One head's OV and QK circuits: their singular values, and their first singular directions as tokens. */
import type { Basis } from "../core/basis.ts";
import type { Circuit, SingularPair, TokenDirection, TokenEnd } from "../core/weights.ts";
import { circuitSvd, type FactoredCircuit } from "../math/head-factors.ts";
import { topIndices } from "../math/softmax.ts";
import { signOf, type TokenMatrix, tokenProducts } from "../math/token-products.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import { readEmbedding, readUnembedding } from "./direct-effects.ts";
import { inSlices } from "./in-slices.ts";

/** W_E and W_U of a model in a basis. */
export async function tokenMatrices(
  model: LoadedModel,
  basis: Basis,
): Promise<{ W_E: TokenMatrix; W_U: TokenMatrix }> {
  const [{ data: embedding }, { data: head }, { data: w }] = await Promise.all([
    readEmbedding(model),
    readUnembedding(model),
    model.weight("ln_f.weight"),
  ]);
  return { W_E: { data: embedding, basis, w: null }, W_U: { data: head, basis, w } };
}

export interface CircuitReading {
  circuit: FactoredCircuit;
  /** What the left and the right directions are read through. */
  left: TokenMatrix;
  right: TokenMatrix;
  /** How many pairs, and how many tokens at each end. */
  pairs: number;
  tokens: number;
}

/** Each pair has the sign that makes its right direction's largest product positive. */
export async function readCircuit(
  model: LoadedModel,
  { circuit, left, right, pairs, tokens }: CircuitReading,
  { signal, progress }: { signal: AbortSignal; progress: (share: number) => void },
): Promise<Circuit> {
  const { D } = circuit;
  const { s_h, u_hD, v_hD } = circuitSvd(circuit);
  const rank = s_h.filter((s) => s > 0).length;
  const n = Math.min(pairs, rank);
  const V = model.info.config.vocab_size;
  const products = (directions: Float64Array, through: TokenMatrix, begin: number) =>
    inSlices(tokenProducts(directions.subarray(0, n * D), through, D), signal, (share) =>
      progress((begin + share) / 2),
    );
  const u_NV = await products(u_hD, left, 0);
  const v_NV = await products(v_hD, right, 1);
  const of = (x: Float32Array, i: number) => x.subarray(i * V, (i + 1) * V);
  return {
    singularValues: s_h,
    pairs: Array.from({ length: n }, (_, i): SingularPair => {
      const sign = signOf(of(v_NV, i));
      return {
        u: direction(model, of(u_NV, i), sign, tokens),
        v: direction(model, of(v_NV, i), sign, tokens),
      };
    }),
  };
}

function direction(
  { tokenizer }: LoadedModel,
  products: Float32Array,
  sign: 1 | -1,
  count: number,
): TokenDirection {
  const along = products.map((x) => sign * x);
  const end = (values: Float32Array): TokenEnd => {
    const ids = topIndices(values, count);
    return { ids, strings: tokenizer.strings(ids), values: ids.map((id) => along[id]!) };
  };
  return { plus: end(along), minus: end(along.map((x) => -x)) };
}
