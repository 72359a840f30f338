/** What the report card and the plot of all of them show. */
import type { What } from "../../ui/figure.tsx";

export const WHAT_REPORT: What = {
  basis: "raw",
  words:
    "How good the autoencoder is, on text that it was not trained on. Above: how well it rebuilds the activation x as x̂. " +
    "Below: what the model’s own predictions lose when x̂ is put in x’s place, compared with putting nothing (0) or the mean " +
    "there. An autoencoder may rebuild most of the variance and still lose what the model needs. Point at a name for its formula.",
  formula:
    "CE score = (CE_0 − CE_x̂) / (CE_0 − CE)     KL score = 1 − KL_x̂ / KL_0     explained variance = 1 − Σ‖x − x̂‖² / Σ‖x − x̄‖²",
  source:
    "SAELens, evals (ce_loss_score, kl_div_score); explained variance by the textbook’s pooled formula. The first position is left as it is.",
};
export const WHAT_PARETO: What = {
  basis: "raw",
  words:
    "Every autoencoder with a report card: few active features to the left, more of the score upwards. The dashed line joins " +
    "those that no other beats in both, among those that read what the one on the bench reads: only autoencoders of one hook " +
    "point can be compared fairly. Choose a dot to put its autoencoder on the bench.",
  source: "SAEBench plots each metric against L0 in the same way",
};
export const WHAT_DENSITIES: What = {
  words:
    "How many features fire how often. A healthy autoencoder has most of them between one in ten thousand and one in a hundred " +
    "tokens; a hump far to the left are features that hardly ever fire, one near 0 fires on every other token and says little.",
  formula:
    "density = tokens on which the feature is active / all tokens        axis: log₁₀ density",
  source:
    "SAELens, log_feature_sparsity; Bricken et al. 2023. The first position of each context is left out.",
};
export const WHAT_PROBES: What = {
  words:
    "Whether single features stand for something simple. For each class of tokens the features whose mean activation differs most " +
    "between its tokens and others are found on one part of the held-out text, a logistic regression is fitted to them, and it is " +
    "judged on the other part. Beside it the same with single numbers of the activation: if those do as well, the features have not " +
    "taken anything apart. As many tokens of the class as others: one half is chance.",
  formula: "the k features of largest |mean on the class − mean elsewhere|;  P(class) = σ(w·f + b)",
  source:
    "SAEBench, sparse probing; Gurnee et al. 2023. Logistic regression as scikit-learn’s by default (L2, C = 1), on activations divided by their deviation.",
};
