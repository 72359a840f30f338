/** What the examples show. */
import type { What } from "../../ui/figure.tsx";

export const WHAT_EXAMPLES: What = {
  words:
    "Pieces of the corpus where the feature is active. The deeper the amber, the more active it is on that token, in proportion " +
    "to its largest activation; the token that the example is shown for is underlined. Strongest: the tokens where it is most " +
    "active, one a context. By interval: tokens by chance of each of some equal intervals of activation; what a feature means at " +
    "its weakest is often not what it means at its strongest. Point at a token, or use the arrow keys in a row, for its value; " +
    "choose tokens by dragging, or with Shift and the arrow keys, to send them to the prompt. The effect of ablation is the line " +
    "under a token: how much more (blue) or less (vermilion) likely the model finds the next token once the feature is taken out.",
  formula:
    "shade = f(token) / max f     effect(t) = ln p(token t+1 | x − f·W_dec[f] in x’s place) − ln p(token t+1)",
  source:
    "Layout after sae_vis and Neuronpedia (top 20, then intervals of equal width, 5 tokens each). An interval is four bars of the histogram of activations.",
};
