/** What the figures of the residual stream show: plain words, the formula, its source. */
import type { What } from "../../../ui/figure.tsx";

const BASIS =
  "In the raw basis the stream is the checkpoint’s own; in TransformerLens’s every vector is without its mean over d_model, " +
  "which no LayerNorm sees: lengths and angles differ between the two.";

export const WHAT_STREAM: What = {
  basis: "bench",
  words:
    "Every position has one vector that all layers read from and add to: the residual stream. Rows are its states, from the " +
    "embeddings at the top down to what the output reads; columns are the tokens. Darker is longer. The first token’s " +
    `vector is often many times longer than any other: the model parks attention there. ${BASIS}`,
  formula: "‖x‖₂ = √(Σ x²) over d_model",
  source: "TransformerLens blocks.{l}.hook_resid_pre / _mid / _post",
};
export const WHAT_TURN: What = {
  basis: "bench",
  words:
    "How far the stream keeps its direction from each state to the next: 1 is the same direction, 0 a right angle. A low " +
    `value means that the part in between has turned the vector, whether it is long or short. ${BASIS}`,
  formula: "cos(x, x′) = x·x′ / (‖x‖ ‖x′‖), x′ the state after x",
  source: "TransformerLens blocks.{l}.hook_resid_pre / _mid / _post",
};
export const WHAT_BETWEEN: What = {
  basis: "bench",
  words:
    "Each state against each other: blocks of strong colour are layers between which the vector hardly turns. At the " +
    "selected position, or the mean over all positions but the first, whose vector is unlike all others. " +
    BASIS,
  formula: "cos(x_i, x_j) = x_i·x_j / (‖x_i‖ ‖x_j‖)",
  source: "TransformerLens ActivationCache.accumulated_resid",
};
export const WHAT_ADDED: What = {
  basis: "bench",
  words:
    "What each part adds to the stream at each position: the two embeddings, then every layer’s attention and MLP. Long " +
    `is not important: parts may point away from each other, or from what the output reads. ${BASIS}`,
  formula: "x_final = embed + pos_embed + Σ (attn_out + mlp_out)     shown: ‖·‖₂ of each",
  source: "TransformerLens ActivationCache.decompose_resid",
};
export const WHAT_ALONG: What = {
  basis: "bench",
  words:
    "Whether a part writes along the stream that it is added to (blue: it strengthens what is there), against it " +
    "(vermilion: it takes away) or beside it (0: it writes something new). The first part, embed, is added to nothing. " +
    BASIS,
  formula: "cos(y, x) with x = resid_pre for attn_out, resid_mid for mlp_out, embed for pos_embed",
  source: "TransformerLens blocks.{l}.hook_attn_out, hook_mlp_out",
};
export const WHAT_SHARE: What = {
  basis: "bench",
  words:
    "How much of the final stream each part is, measured along it. The shares of all parts sum to 1. Below 0 a part " +
    "points against the final stream; above 1 others must take off what it has too much. Where the stream itself is " +
    `edited, what the edits put there is a part of its own. ${BASIS}`,
  formula: "y·x_final / ‖x_final‖²,     Σ over parts = 1",
  source: "x_final = Σ parts, as in TransformerLens ActivationCache.decompose_resid",
};
