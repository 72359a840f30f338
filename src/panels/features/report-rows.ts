/** The rows of a report card: what each figure is called, says and means. Pure. */
import type { SaeReport } from "../../core/sae-report.ts";
import { formatPercent } from "../../ui/format.ts";

export interface ReportRow {
  id: string;
  name: string;
  /** Words and formula, for the tooltip. */
  means: string;
  unit: string;
  value: (report: SaeReport) => number | null;
  format: (value: number) => string;
}

const fixed = (digits: number) => (value: number) => value.toFixed(digits);
const row = (
  id: string,
  name: string,
  means: string,
  value: ReportRow["value"],
  format: ReportRow["format"] = fixed(3),
  unit = "",
): ReportRow => ({ id, name, means, unit, value, format });

export const REPORT_GROUPS: readonly { title: string; rows: readonly ReportRow[] }[] = [
  {
    title: "Reconstruction",
    rows: [
      row(
        "explainedVariance",
        "explained variance",
        "1 − Σ‖x − x̂‖² / Σ‖x − x̄‖², sums over all tokens: 1 is perfect, 0 no better than the mean",
        ({ reconstruction: r }) => r.explainedVariance,
        formatPercent,
      ),
      row(
        "explainedVarianceLegacy",
        "… as a mean over tokens",
        "mean of 1 − ‖x − x̂‖² / ‖x − x̄‖² of each token: SAELens’s “legacy” figure, which goes by the same name",
        ({ reconstruction: r }) => r.explainedVarianceLegacy,
        formatPercent,
      ),
      row("cosine", "cosine", "mean of cos(x, x̂) over tokens", ({ reconstruction: r }) => r.cosine),
      row(
        "normRatio",
        "norm ratio",
        "mean of ‖x̂‖ / ‖x‖ over tokens: below 1 the reconstruction is too short",
        ({ reconstruction: r }) => r.normRatio,
      ),
      row(
        "reconstructionBias",
        "reconstruction bias",
        "Σ‖x̂‖² / Σ x·x̂: 1 is unbiased",
        ({ reconstruction: r }) => r.reconstructionBias,
      ),
    ],
  },
  {
    title: "Sparsity",
    rows: [
      row(
        "l0",
        "L0",
        "mean number of active features a token",
        ({ reconstruction: r }) => r.l0,
        fixed(1),
        "features",
      ),
      row("l1", "L1", "mean sum of activations a token", ({ reconstruction: r }) => r.l1, fixed(1)),
    ],
  },
  {
    title: "In the model’s place",
    rows: [
      row(
        "ceScoreZero",
        "CE loss score",
        "(CE with 0 in x’s place − CE with x̂) / (CE with 0 − CE of the model itself): 1 loses nothing, 0 as much as setting x to 0",
        ({ loss }) => loss.ceScore.zero,
        formatPercent,
      ),
      row(
        "ceScoreMean",
        "… against the mean",
        "the same with the mean activation in place of 0: a harder comparison",
        ({ loss }) => loss.ceScore.mean,
        formatPercent,
      ),
      row(
        "klScoreZero",
        "KL score",
        "1 − KL(model ‖ with x̂) / KL(model ‖ with 0)",
        ({ loss }) => loss.klScore.zero,
        formatPercent,
      ),
      row(
        "klScoreMean",
        "… against the mean",
        "1 − KL(model ‖ with x̂) / KL(model ‖ with the mean)",
        ({ loss }) => loss.klScore.mean,
        formatPercent,
      ),
      row(
        "ceClean",
        "CE of the model itself",
        "mean −ln p of the actual next token",
        ({ loss }) => loss.cleanCe,
        fixed(3),
        "nats",
      ),
      row(
        "ceSae",
        "CE with x̂",
        "the same with x̂ in x’s place",
        ({ loss }) => loss.sae.ce,
        fixed(3),
        "nats",
      ),
      row(
        "ceZero",
        "CE with 0",
        "the same with 0 in x’s place",
        ({ loss }) => loss.zero.ce,
        fixed(3),
        "nats",
      ),
      row(
        "ceMean",
        "CE with the mean",
        "the same with the mean activation in x’s place",
        ({ loss }) => loss.mean.ce,
        fixed(3),
        "nats",
      ),
    ],
  },
];
