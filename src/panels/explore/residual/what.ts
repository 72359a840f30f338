/** What the figures of the residual stream show: plain words, the formula, its source. */
import type { What } from "../../../ui/figure.tsx";

export const WHAT_STREAM: What = {
  words:
    "Every position has one vector that all layers read from and add to: the residual stream. Rows are its states, from the " +
    "embeddings at the top down to what the output reads; columns are the tokens. Darker is longer. The first token’s " +
    "vector is often many times longer than any other: the model parks attention there.",
  formula: "‖x‖₂ = √(Σ x²) over d_model",
  source: "TransformerLens blocks.{l}.hook_resid_pre / _mid / _post",
};
export const WHAT_ADDED: What = {
  words:
    "What each part adds to the stream at each position: the two embeddings, then every layer’s attention and MLP. Long " +
    "is not important: parts may point away from each other, or from what the output reads.",
  formula: "x_final = embed + pos_embed + Σ (attn_out + mlp_out)     shown: ‖·‖₂ of each",
  source: "TransformerLens ActivationCache.decompose_resid",
};
