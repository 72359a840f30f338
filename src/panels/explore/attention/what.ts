/** What each figure of this lab shows: plain words, the formula, its source. */
import type { What } from "../../../ui/figure.tsx";
import type { Shown } from "../../../charts/attention-shown.ts";

const SQUARES =
  "Its rows are the tokens that look (queries), top to bottom; its columns the tokens looked at (keys), left to right. " +
  "Nothing is drawn right of the diagonal: a token cannot look at later ones. ";
const COMPARED =
  "Of two runs, b − a is blue where b has more and vermilion where it has less, and empty where only one has the tokens.";

/** By what is drawn. */
type Drawn = Required<Pick<What, "formula" | "source" | "basis">> & { words: string };
const DRAWN: Record<Shown, Drawn> = {
  pattern: {
    basis: "same",
    words:
      "Darker violet (brighter in the dark theme) is more attention. The weights of a row add up to 1. ",
    formula: "A[q, k] = softmax over k ≤ q of  (Q[q] · K[k]) / √d_head",
    source: "Vaswani et al. 2017; TransformerLens blocks.{l}.attn.hook_pattern",
  },
  scores: {
    basis: "same",
    words:
      "The scores before softmax: blue above 0, vermilion below. Only differences within a row matter to the model; a " +
      "score alone says little. ",
    formula: "S[q, k] = (Q[q] · K[k]) / √d_head,  k ≤ q",
    source: "TransformerLens blocks.{l}.attn.hook_attn_scores",
  },
  value: {
    basis: "bench",
    words:
      "Weights times the length of the value vector that is looked at: attention on a token with a short value moves little. " +
      "The value has its bias in it in the raw basis, and not in TransformerLens’s (b_V is folded into b_O). ",
    formula: "A[q, k] · ‖v[k]‖₂",
    source: "TransformerLens value-weighted patterns; blocks.{l}.attn.hook_pattern, hook_v",
  },
  output: {
    basis: "bench",
    words:
      "Weights times the length of what the head writes for that key: how much of its output each key accounts for. Lengths " +
      "do not add up, since what is written for two keys may point apart. The value has its bias in it in the raw basis, as " +
      "in the paper; in TransformerLens’s it has not, and W_O is centred. ",
    formula: "‖A[q, k] · v[k] W_O‖₂ = A[q, k] · ‖v[k] W_O‖₂",
    source:
      "Kobayashi et al. 2020, “Attention is Not Only a Weight”, ‖α f(x)‖, for each head by itself",
  },
};
const whatFor = (before: string, after: string): Record<Shown, What> => {
  const of = ({ words, ...rest }: Drawn): What => ({ ...rest, words: `${before}${words}${after}` });
  const { pattern, scores, value, output } = DRAWN;
  return { pattern: of(pattern), scores: of(scores), value: of(value), output: of(output) };
};

export const WHAT_GRID = whatFor(
  `Each square is one attention head, or a mean of them cell by cell. ${SQUARES}`,
  `Squares of over 96 tokens show the largest number of each block of cells. ${COMPARED}`,
);
export const WHAT_HEAD = whatFor(
  `One head, every query at once. ${SQUARES}`,
  "Point at a cell, or move there with the arrow keys, to read it. A click, or Enter, selects the query everywhere and " +
    `locks the pair, so that it stays while you look elsewhere; Escape unlocks. ${COMPARED}`,
);
const ARCS = {
  words:
    "The same numbers over the text: an arc leads from the selected token (the query) back to every token it looks at (its " +
    "keys), thick as the number, which stands below. Less than 0.02 of the scale’s top has no arc. Point at another token to " +
    "see its arcs, click to select it everywhere. The faint arcs behind are other tokens’ of at least 0.15 of the top.",
  formula: "A[q, k], one q at a time;  Σ A[q, k] over k ≤ q = 1",
  source: "TransformerLens blocks.{l}.attn.hook_pattern",
};
export const whatArcs = (shown: Shown): What => ({ ...ARCS, basis: DRAWN[shown].basis });
export const WHAT_PAIR: What = {
  basis: "bench",
  words:
    "All that is known of one head’s look from the query to the key: its score and its weight, the length of the key’s value " +
    "vector, and of what that makes the head write. Lengths depend on the basis.",
  formula: "A = softmax(score)     v[k] = x[k] W_V (+ b_V, raw basis)     written: A · v[k] W_O",
  source: "TransformerLens hook_attn_scores, hook_pattern, hook_v, W_O; Kobayashi et al. 2020",
};
export const WHAT_FINDER: What = {
  basis: "same",
  words:
    "Scores say what a head does by itself. On random tokens, repeated once, the mean weight n − 1 tokens back is the " +
    "induction score, n back that of duplicate tokens, 1 back that of the previous token. TransformerLens’s detect_head, which " +
    "works on any text, asks instead which share of all of the head’s attention lies where such a head would look: queries " +
    "with nothing to repeat count against it, so a perfect induction head has about 0.5 on repeats. Both are called induction " +
    "score; they cannot be compared.",
  formula:
    "mean diagonal: mean over q ≥ o of A[q, q − o],  o = n − 1, n, 1     detect_head: Σ (A ∘ D) / Σ A,  D[q, k] = 1 where …\n" +
    "  previous: k = q − 1     duplicate: tok k = tok q, k < q     induction: tok (k − 1) = tok q, k − 1 < q",
  source:
    "TransformerLens Exploratory Analysis demo, head_detector.detect_head (error measure “mul”); Olsson et al. 2022",
};
export const WHAT_PREDICTION: What = {
  basis: "raw",
  words:
    "The ten tokens that the model holds likeliest to follow the selected position. The share is of the whole " +
    "vocabulary, not of these ten; bars are drawn relative to the longest. Choose a token to continue the prompt with " +
    "it. A mark ◂ is the token with which the text goes on.",
  formula: "p = softmax(logits)     surprisal = −log₂ p, in bits",
  source: "Logits of the unprocessed checkpoint: constant shifts are not removed",
};
export const WHAT_SCALE =
  "GPT-2 parks much of its attention on the first token. This leaves that column out and scales each head to the largest of the rest.";
