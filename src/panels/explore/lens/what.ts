/** What the logit lens shows: plain words, the formula, its source. */
import type { What } from "../../../ui/figure.tsx";

export const WHAT_LENS: What = {
  basis: "bench",
  words:
    "What the model would predict if it stopped at a layer. Each state of the residual stream goes through the final LayerNorm, whose scale " +
    "is computed anew for that state, and the unembedding. Rows are states: the embeddings (0_pre) on top, what the next layer reads " +
    "(…_pre) and what its MLP reads, after attention (…_mid), and last (final_post) the model’s own answer. Early states were never meant " +
    "to be read like this: a lens shows what is in the stream along the output’s directions, not all that is known there. " +
    "Edits of ln_final change the last row alone. Probabilities, ranks, entropy and KL are the same in both bases; logits differ by a constant for each cell.",
  formula:
    "logits(x) = LN_final(x)·W_U     entropy = −Σ p log₂ p     KL(final ‖ lens) = Σ p_final (log₂ p_final − log₂ p_lens), in bits",
  source:
    "nostalgebraist 2020, “interpreting GPT: the logit lens”; TransformerLens accumulated_resid(apply_ln=True); KL as in Belrose et al. 2023 (tuned lens)",
};
export const WHAT_CELL: What = {
  basis: "bench",
  words:
    "The ten tokens that the selected state has along its strongest output directions: what the model would predict at that position if it " +
    "stopped there. Shares are of the whole vocabulary; bars are drawn relative to the longest.",
  formula: "p = softmax(LN_final(x)·W_U)",
  source: "TransformerLens accumulated_resid(apply_ln=True)",
};
