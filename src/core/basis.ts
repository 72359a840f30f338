/**
 * In which weights a value is told. `raw`: the checkpoint's own, as Hugging Face runs them. `tl`: after TransformerLens's
 * default processing (LayerNorms folded, writing weights and unembedding centred, value biases folded), which computes the
 * same probabilities with other activations on the way. `math/basis.ts` has the formulas.
 */
export const BASES = ["raw", "tl"] as const;
export type Basis = (typeof BASES)[number];

export const BASIS_NAME: Record<Basis, string> = {
  raw: "raw Hugging Face weights",
  tl: "TransformerLens processing",
};
