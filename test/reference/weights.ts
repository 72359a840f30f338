/** A GPT-2's weights in float64, apart from the engine's own reading of them. Matrices are [in, out]. */
import type { Gpt2Config } from "../../src/core/types.ts";
import type { Affine } from "./token-ops.ts";

export interface NormWeights {
  w: Float64Array;
  b: Float64Array;
}
export interface BlockWeights {
  ln1: NormWeights;
  /** [D, 3·D]: queries, keys, values, each head after head. */
  qkv: Affine;
  /** [D, D], its rows head after head. */
  out: Affine;
  ln2: NormWeights;
  mlpIn: Affine;
  mlpOut: Affine;
}
export interface ReferenceModel {
  config: Gpt2Config;
  /** [V, D] */
  W_E: Float64Array;
  /** [n_positions, D] */
  W_pos: Float64Array;
  blocks: BlockWeights[];
  lnFinal: NormWeights;
  /** [D, V]; a bias that GPT-2 has only after TransformerLens's processing. */
  unembed: Affine;
}

/**
 * @param weight a tensor of the checkpoint by GPT-2's own name, without `transformer.`
 * @param tiedHead whether the output head is the embedding
 */
export function referenceModel(
  config: Gpt2Config,
  weight: (name: string) => ArrayLike<number>,
  tiedHead = true,
): ReferenceModel {
  const get = (name: string) => Float64Array.from(weight(name));
  const affineOf = (name: string): Affine => ({ W: get(`${name}.weight`), b: get(`${name}.bias`) });
  const normOf = (name: string): NormWeights => ({
    w: get(`${name}.weight`),
    b: get(`${name}.bias`),
  });
  const W_E = get("wte.weight");
  return {
    config,
    W_E,
    W_pos: get("wpe.weight"),
    blocks: Array.from({ length: config.n_layer }, (_, l) => ({
      ln1: normOf(`h.${l}.ln_1`),
      qkv: affineOf(`h.${l}.attn.c_attn`),
      out: affineOf(`h.${l}.attn.c_proj`),
      ln2: normOf(`h.${l}.ln_2`),
      mlpIn: affineOf(`h.${l}.mlp.c_fc`),
      mlpOut: affineOf(`h.${l}.mlp.c_proj`),
    })),
    lnFinal: normOf("ln_f"),
    unembed: {
      W: transposed(tiedHead ? W_E : get("lm_head.weight"), config.vocab_size),
      b: new Float64Array(config.vocab_size),
    },
  };
}

/** [rows, columns] → [columns, rows]. */
export function transposed(x: Float64Array, rows: number): Float64Array {
  const columns = x.length / rows;
  return x.map((_, i) => x[(i % rows) * columns + Math.floor(i / rows)]!);
}
