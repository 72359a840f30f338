/** What the figures of a traced pair say. */
import type { What } from "../../../ui/figure.tsx";

export const WHAT_SCORE: What = {
  words:
    "Why the head looks there: its score for this pair of tokens, before softmax, as a sum over what wrote at the query (rows) and what " +
    "wrote at the key (columns). The LayerNorm before the head is held at its scale; what no component wrote, the biases among it, is a row and a column " +
    "of its own. MLPs’ biases are theirs. A score counts beside the scores of the query’s other keys alone.",
  formula: "Q·K / √d_head = Σ_ij q_i · k_j / √d_head, q_i = ((c_i − c̄_i) ⊙ w / s) W_Q",
  source:
    "Elhage et al. 2021, “A Mathematical Framework for Transformer Circuits”; token pairs as in OpenAI’s Transformer Debugger.",
};
export const WHAT_VALUE: What = {
  words:
    "What the head moves from this key: its value, through W_O and along the direction, times the attention weight, as a sum over what wrote at the key. " +
    "Both LayerNorms are held at their scales, the final one’s at the query.",
  formula:
    "A · v W_O · u / s = Σ_j A · v_j W_O · u / s, u = w ⊙ (mean W_U[answers] − mean W_U[wrong])",
  source:
    "Direct logit attribution, split by what wrote the value; Wang et al. 2022 follow the same paths by patching.",
};
