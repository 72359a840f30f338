/** What the figures of predictions show: plain words, the formula, its source. */
import type { What } from "../../../ui/figure.tsx";

export const WHAT_SURPRISE: What = {
  basis: "same",
  words:
    "How far the model expected each token of the text, given what stands before it. Darker is more surprising; the darkest " +
    "shade is a uniform guess over the vocabulary, log₂ V bits. Rank 1 is the token held likeliest; equal logits share the better rank. " +
    "The mean is over all tokens but the first, which nothing comes before. Losses do not depend on the temperature, nor any of this on the basis.",
  formula:
    "loss = −ln p(token | before), in nats     surprise = loss / ln 2, in bits     perplexity = e^(mean loss)",
  source:
    "TransformerLens loss_fn with per_token=True: its loss at a position is that of the next token",
};
export const WHAT_NEXT: What = {
  basis: "bench",
  words:
    "The tokens that the model holds likeliest to follow the selected position. Shares are of the whole vocabulary, not of those " +
    "shown; bars are drawn relative to the longest. The temperature re-weights the probabilities of one run: below 1 sharper, above 1 flatter. " +
    "Choose a token to continue the prompt with it. A mark ◂ is the token with which the text goes on.",
  formula: "p = softmax(logits / τ)",
  source:
    "TransformerLens's basis takes the mean over the vocabulary off the logits: probabilities stay the same",
};
export const WHAT_TRACKED: What = {
  basis: "bench",
  words:
    "The chances of the tracked tokens as what comes next, at every position. Rank 1 is the likeliest token of the " +
    "vocabulary. Probabilities depend on the temperature, ranks do not; a logit alone means little, since a constant added to all " +
    "of a position’s logits changes nothing, and the bases differ by such a constant.",
  formula: "p = softmax(logits / τ)[token]     rank = 1 + the number of larger logits",
  source: "TransformerLens: logits[0, position, token]",
};
