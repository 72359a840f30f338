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
  /** Why there may be no value. */
  absent: string;
}

const fixed = (digits: number) => (value: number) => value.toFixed(digits);
const row = (
  id: string,
  name: string,
  means: string,
  value: ReportRow["value"],
  format: ReportRow["format"] = fixed(3),
  unit = "",
  absent = "The ablation costs the model nothing here, so that no share of it can be said",
): ReportRow => ({ id, name, means, unit, value, format, absent });

/** "+1.25 points", "−0.012": the second less the first, of shares in points of a hundred; "" where either cannot be said. */
export function differenceWords(row: ReportRow, first: SaeReport, second: SaeReport): string {
  const [a, b] = [row.value(first), row.value(second)];
  if (a === null || b === null) return "";
  const size = row.format(Math.abs(b - a)).replace("%", "points");
  const none = !/[1-9]/.test(size);
  return `${none ? "" : b < a ? "−" : "+"}${size} ${row.unit}`.trim();
}

/** Mean over the token classes that could be probed; null if none could. */
const probed = (report: SaeReport, what: "features" | "numbers", k: "k1" | "k5") => {
  const found = (report.features?.probes ?? []).flatMap((probe) => probe[what][k] ?? []);
  return found.length === 0 ? null : found.reduce((sum, v) => sum + v, 0) / found.length;
};
const TOO_FEW = "Not in this report: measure again, or no class of tokens was frequent enough";
const NO_LABELS = "No label of this autoencoder has such a score yet";

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
  {
    title: "Features, one by one",
    rows: [
      row(
        "aliveShare",
        "alive",
        "share of features that fired at all: over the corpus where it was measured there, else on the text read for this report",
        ({ features }) => features?.aliveShare ?? null,
        formatPercent,
        "",
        "Not in this report: measure again",
      ),
      row(
        "entropyMedian",
        "top-token entropy",
        "−Σ p log₂ p over the tokens of a feature’s 20 strongest activations, median over features that fired so often: 0 is always the same token, 4.32 always another. A proxy for how easily a feature can be named",
        ({ features }) => features?.entropy.median ?? null,
        fixed(2),
        "bits",
        "Not in this report: measure again, or no feature fired 20 times",
      ),
      row(
        "focusedShare",
        "… below 1 bit",
        "share of those features whose top-token entropy is below 1 bit: mostly one token",
        ({ features }) => features?.entropy.focusedShare ?? null,
        formatPercent,
        "",
        "Not in this report: measure again, or no feature fired 20 times",
      ),
      row(
        "probeK1",
        "token classes by 1 feature",
        "sparse probing: held-out accuracy of a logistic regression on the feature whose means differ most, mean over classes; one half is chance",
        (report) => probed(report, "features", "k1"),
        formatPercent,
        "",
        TOO_FEW,
      ),
      row(
        "probeK5",
        "… by 5 features",
        "the same on the five features whose means differ most",
        (report) => probed(report, "features", "k5"),
        formatPercent,
        "",
        TOO_FEW,
      ),
      row(
        "probeNumbers5",
        "… by 5 numbers of x",
        "the same on single numbers of the activation itself: what the features are to be better than",
        (report) => probed(report, "numbers", "k5"),
        formatPercent,
        "",
        TOO_FEW,
      ),
      row(
        "labelRule",
        "labels, as rules of tokens",
        "balanced accuracy of the automatic labels’ own rules on held-out text, mean over labelled features; one half is chance",
        ({ features }) => features?.labels.rule ?? null,
        formatPercent,
        "",
        NO_LABELS,
      ),
      row(
        "labelDetection",
        "labels, by detection",
        "balanced accuracy of a language model that is told the label and says of texts whether the feature fires, mean over labelled features",
        ({ features }) => features?.labels.detection ?? null,
        formatPercent,
        "",
        NO_LABELS,
      ),
      row(
        "labelFuzzing",
        "labels, by fuzzing",
        "balanced accuracy of a language model that is told the label and says of marked tokens whether they are the ones on which the feature fires, mean over labelled features",
        ({ features }) => features?.labels.fuzzing ?? null,
        formatPercent,
        "",
        NO_LABELS,
      ),
    ],
  },
];
