/** What each figure of this lab shows: plain words, the formula, its source. */
import type { What } from "../../ui/figure.tsx";

export const WHAT_ATTENTION: What = {
  words:
    "Each square is one attention head. Its rows are the tokens that look (queries), top to bottom; its columns the " +
    "tokens looked at (keys), left to right. Darker violet (brighter in the dark theme) is more attention. The weights " +
    "of a row add up to 1. Nothing is drawn right of the diagonal: a token cannot look at later ones.",
  formula: "A[q, k] = softmax over k ≤ q of  (Q[q] · K[k]) / √d_head",
  source: "Vaswani et al. 2017; TransformerLens blocks.{l}.attn.hook_pattern",
};
export const WHAT_HEAD: What = {
  words:
    "One head, large. Point at a cell to read how much its query (row) looks at its key (column); click to select the " +
    "query everywhere. Above, the same weights as arcs over the text, from the query back to its keys; weights below " +
    "0.02 have no arc. The faint arcs behind are the other tokens’ weights of at least 0.15.",
  formula: WHAT_ATTENTION.formula ?? "",
  source: WHAT_ATTENTION.source ?? "",
};
export const WHAT_PREDICTION: What = {
  words:
    "The ten tokens that the model holds likeliest to follow the selected position. The share is of the whole " +
    "vocabulary, not of these ten; bars are drawn relative to the longest. Choose a token to continue the prompt with " +
    "it. A mark ◂ is the token with which the text goes on.",
  formula: "p = softmax(logits)     surprisal = −log₂ p, in bits",
  source: "Logits of the unprocessed checkpoint: constant shifts are not removed",
};
export const WHAT_SCALE =
  "GPT-2 parks much of its attention on the first token. This leaves that column out and scales each head to the largest of the rest.";
