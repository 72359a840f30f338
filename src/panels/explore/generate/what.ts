/** What the figure of written text shows: plain words, the formula, its source. */
import type { What } from "../../../ui/figure.tsx";

export const WHAT_GENERATE: What = {
  basis: "same",
  words:
    "The model goes on with the prompt, one token at a time. Each is shaded by how surprising it was: the darker, the less " +
    "likely the model held it before it was drawn. Point at a token for the ten likeliest at its place; choose another of " +
    "them, and the text goes on from there as a branch, beside the one that was there. Probabilities are the model’s own, at " +
    "temperature 1, before the repetition penalty, top k and top p, which only decide what may be drawn. The draw at each " +
    "place depends on the seed and the place alone: the same seed writes the same text, and both sides of a comparison have " +
    "the same luck. Edits on the bench hold at every step; those of one position hold there.",
  formula:
    "p = softmax(logits)     surprisal = −log₂ p, in bits     perplexity = 2^(mean surprisal)\n" +
    "drawn from: logits → repetition penalty → temperature → top k → top p",
  source:
    "Order of the sampling as in Hugging Face transformers; top p: Holtzman et al. 2020; penalty: Keskar et al. 2019",
};
