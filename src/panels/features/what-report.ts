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
    "those that no other beats in both. Only autoencoders of one hook point can be compared fairly. Choose a dot to put its " +
    "autoencoder on the bench.",
  source: "SAEBench plots each metric against L0 in the same way",
};
