/** What each figure of this lab shows: plain words, the formula, its source. */
import type { What } from "../../../ui/figure.tsx";

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
    "The same head over the text: an arc leads from the selected token (the query) back to every token it looks at (its " +
    "keys), thick as the weight, which stands below. Weights under 0.02 have no arc. Point at another token to see its " +
    "arcs, click to select it everywhere. The faint arcs behind are other tokens’ weights of at least 0.15.",
  formula: "A[q, k], one q at a time;  Σ A[q, k] over k ≤ q = 1",
  source: "TransformerLens blocks.{l}.attn.hook_pattern",
};
export const WHAT_PATTERN: What = {
  words:
    "One head, every query at once. Point at a cell, or move there with the arrow keys, to read how much its " +
    "query (row) looks at its key (column); click, or press Enter, to select the query everywhere. The selected query " +
    "has a green frame. Right of the stairs nothing was computed: a token cannot look at later ones.",
  formula: "A[q, k] = softmax over k ≤ q of  (Q[q] · K[k]) / √d_head",
  source: "Vaswani et al. 2017; TransformerLens blocks.{l}.attn.hook_pattern",
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
