/** What the figures of the weights show: plain words, the formula, its source. */
import type { Basis } from "../../../core/basis.ts";
import type { What } from "../../../ui/figure.tsx";

/** What the basis does to these figures. */
export const BASIS_WORDS: Record<Basis, string> = {
  raw: "Raw weights, as in the checkpoint: LayerNorm’s weights are not in them.",
  tl: "TransformerLens’s weights: LayerNorms folded in, all that writes centred.",
};

export const WHAT_OV: What = {
  basis: "bench",
  words:
    "What the head moves, wherever it looks. Its OV circuit is a sum of pairs of directions: as far as the stream of an " +
    "attended token lies along the read direction, the head writes that much, times σ, along the written one. Directions " +
    "are shown as tokens: those whose embedding lies farthest along the read direction, and those whose logit the written " +
    "one raises most; and the same at the other ends. A pair may be turned round as a whole, so − is read and written " +
    "just as + is. Nothing stands between the tokens and the head here: no LayerNorm, no first MLP; what the head " +
    "really reads in a later layer is no bare embedding.",
  formula: "W_OV = W_V · W_O = Σ σᵢ uᵢ vᵢᵀ      read: W_E · uᵢ      written: vᵢᵀ · W_U",
  source: "Elhage et al. 2021; TransformerLens FactoredMatrix.svd, SVDInterpreter (written side)",
};
export const WHAT_QK: What = {
  basis: "bench",
  words:
    "What the head looks for. Its QK circuit is a sum of pairs of directions: a query attends to a key as far as the " +
    "query’s stream lies along the first and the key’s along the second, times σ (before the division by √d_head; biases " +
    "and positions are left out). Directions are shown as tokens whose embeddings lie farthest along them. Queries of the + " +
    "end match keys of the + end, those of the − end match −. No LayerNorm and no first MLP stands between.",
  formula: "W_QK = W_Q · W_Kᵀ = Σ σᵢ uᵢ vᵢᵀ      query: W_E · uᵢ      key: W_E · vᵢ",
  source: "Elhage et al. 2021; TransformerLens FactoredMatrix.svd",
};
export const WHAT_COPYING: What = {
  basis: "bench",
  words:
    "Does a head raise the logit of the very tokens that it attends to? The circuit from token to token has as many " +
    "eigenvalues that are not 0 as the head has dimensions. Positive ones mean that a mix of tokens raises itself: 1 is " +
    "a head that copies, −1 one that takes away, near 0 one that turns tokens into others. Only the direct path counts: the " +
    "embedding, this head, the output. An embedding’s own mean counts as well, in raw weights more than in TransformerLens’s.",
  formula:
    "Σ Re λ / Σ |λ|,  λ of W_E · W_V · W_O · W_U  (those of W_O · W_U · W_E · W_V, [d_head, d_head])",
  source: "Elhage et al. 2021, “Detecting copying behavior”",
};
export const WHAT_MATCHING: What = {
  basis: "bench",
  words:
    "Does a head look for tokens like the one it looks from? The same eigenvalues for the QK circuit: 1 is a head that attends " +
    "to the same tokens, −1 one that avoids them. Only embeddings count, no positions; an induction head, whose keys are made by " +
    "an earlier head, matches through that one and need not show here.",
  formula: "Σ Re λ / Σ |λ|,  λ of W_E · W_Q · W_Kᵀ · W_Eᵀ  (those of W_Kᵀ · W_Eᵀ · W_E · W_Q)",
  source: "Elhage et al. 2021, on the eigenvalues of QK circuits",
};
export const WHAT_EIGENVALUES: What = {
  basis: "bench",
  words:
    "The head’s eigenvalues: to the right (blue) what maps to itself, to the left (vermilion) what maps to its opposite, up and down " +
    "what turns into something else. The logarithmic scale keeps the angles, and has a ring for each power of ten.",
  formula: "λ = |λ| · e^{iφ}      log: radius = 1 + log₁₀(|λ| / max |λ|) / 4, at least 0",
  source: "Elhage et al. 2021",
};
export const WHAT_COMPOSITION: What = {
  basis: "bench",
  words:
    "How much of what an earlier head writes a later one reads, from the weights alone: as a query (Q), as a key (K: how an " +
    "induction head finds what followed), or as a value that it moves on (V). 0 is nothing, 1 would be all. Heads that have " +
    "nothing to do with each other have 1/√d_model: the root mean square over all rotations of one against the other, " +
    "whatever the two are. Only the direct path counts; MLPs and other heads between are left out.",
  formula: "‖W_OV¹ · B‖_F / (‖W_OV¹‖_F · ‖B‖_F)      Q: B = W_QK²   K: B = (W_QK²)ᵀ   V: B = W_OV²",
  source: "Elhage et al. 2021 (written there with columns); TransformerLens all_composition_scores",
};
