/** What the attribution figures show: plain words, the formula, its source. */
import type { What } from "../../../ui/figure.tsx";

const WORDS =
  "The logit is a sum: each part of the model adds a vector to the stream, and the final LayerNorm, with its scale as it was in " +
  "this run, and the unembedding read every one of them alike. Blue makes the token likelier, vermilion unlikelier. What a part " +
  "does through later layers is not in it. A difference of two logits leaves out what helps both. ";
const BASIS =
  "In the raw basis the bias is the final LayerNorm’s b through W_U, and logits are the checkpoint’s; in TransformerLens’s it is its " +
  "b_U, and logits are less their mean over the vocabulary. Differences of two logits are the same in both. “The likeliest” is " +
  "the one of the run without edits. Where the residual stream itself is edited, parts no longer sum to it; what the edits " +
  "put there is then measured and listed as “stream edits”.";

export const WHAT_COMPONENTS: What = {
  basis: "bench",
  words: `${WORDS}${BASIS}`,
  formula: "logit = Σ_parts ((y − ȳ)/s)·(w ⊙ W_U) + bias,     s = √(var(x_final) + ε), cached",
  source: "TransformerLens ActivationCache.decompose_resid, logit_attrs",
};
export const WHAT_LAYERS: What = {
  basis: "bench",
  words:
    "The logit that the stream holds after each part: what it would be if nothing were added any more, and the final " +
    "LayerNorm kept the scale that it has in this run. The logit lens differs: there LayerNorm is computed anew for each state. " +
    BASIS,
  formula:
    "((x − x̄)/s)·(w ⊙ W_U) for x = 0_pre, 0_mid, … final_post;     final_post + bias = logit",
  source: "TransformerLens ActivationCache.accumulated_resid(incl_mid=True), logit_attrs",
};
export const WHAT_HEADS: What = {
  basis: "bench",
  words:
    `${WORDS}A layer’s attention is the sum of its heads and its bias b_O. That, and what edits of the whole attn_out did, is in the ` +
    `column “no head”; a row sums to attn_out. ${BASIS}`,
  formula: "y = z_h·W_O[h];     Σ_h y + b_O = attn_out",
  source: "TransformerLens ActivationCache.stack_head_results, logit_attrs",
};
export const WHAT_NEURONS: What = {
  basis: "bench",
  words:
    `${WORDS}A layer’s MLP is the sum of its neurons’ output vectors, each times its activation, and of b_out. Listed are the strongest; ` +
    `the line below has the rest. What edits of a whole mlp_out did is in “MLPs beside their neurons”. ${BASIS}`,
  formula: "y = post_n·W_out[n];     Σ_n y + b_out = mlp_out",
  source: "TransformerLens ActivationCache.stack_neuron_results, logit_attrs",
};
