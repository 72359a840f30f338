/** What figures of the Circuits lab call things. */
import { parseFormula, unitOf } from "../../core/metric-formula.ts";
import type { Direction, PatchUnit } from "../../core/patching.ts";
import type { TaskMetric } from "../../core/task.ts";
import type { What } from "../../ui/figure.tsx";

export const METRIC: Record<TaskMetric, { label: string; unit: string; formula: string }> = {
  logitDiff: {
    label: "Logit difference",
    unit: "logits",
    formula: "mean logit[answer] − mean logit[wrong]",
  },
  logProb: { label: "Log-probability", unit: "nats", formula: "ln Σ p(answer)" },
  prob: { label: "Probability", unit: "", formula: "Σ p(answer)" },
  probDiff: {
    label: "Probability difference",
    unit: "",
    formula: "Σ p(answer) − Σ p(wrong)",
  },
  rank: {
    label: "Rank of the answer",
    unit: "",
    formula: "1 + #{t : logit[t] > max logit[answer]}",
  },
  formula: { label: "Formula", unit: "", formula: "the formula that is written beside it" },
  kl: { label: "KL to clean", unit: "nats", formula: "Σ q·ln(q / p), q of the clean prompt" },
};

/** A metric as it is called, also within a sentence, and what its values are told in; a formula is called as it is written. */
export function metricWords(metric: TaskMetric, formula: string | undefined) {
  if (metric !== "formula" || formula === undefined) {
    const { label } = METRIC[metric];
    const inText = metric === "kl" ? label : label.toLowerCase();
    return { ...METRIC[metric], inText };
  }
  return { label: formula, inText: formula, unit: unitOf(parseFormula(formula)) ?? "", formula };
}

export const DIRECTION: Record<Direction, { label: string; title: string }> = {
  denoise: { label: "Denoise", title: "Clean activations into the corrupted run: what is enough" },
  noise: { label: "Noise", title: "Corrupted activations into the clean run: what is needed" },
};

export const UNIT: Record<PatchUnit, string> = {
  resid_pre: "Residual stream before a layer",
  resid_mid: "Residual stream between attention and MLP",
  resid_post: "Residual stream after a layer",
  attn_out: "Attention output of a layer",
  mlp_out: "MLP output of a layer",
  z: "Heads’ output (z)",
  q: "Heads’ queries",
  k: "Heads’ keys",
  v: "Heads’ values",
  pattern: "Heads’ patterns",
  neuron: "Neurons of a layer",
};

/** A number of a metric, in as many digits as it deserves. */
export const metricText = (value: number): string =>
  `${value < 0 ? "−" : ""}${sizeText(Math.abs(value))}`;
const sizeText = (size: number): string => {
  if (size >= 100) return size.toFixed(1);
  if (size >= 0.1) return size.toFixed(3);
  return size === 0 || size >= 1e-3 ? size.toFixed(4) : size.toPrecision(2);
};

/** In at most three digits or so, as a narrow cell takes it. */
export const inCell = (value: number): string => {
  const size = Math.abs(value);
  return `${value < -0.005 ? "−" : ""}${size.toFixed(size >= 99.5 ? 0 : size >= 9.95 ? 1 : 2)}`;
};

export const WHAT_TASK: What = {
  words:
    "Pairs of prompts of as many tokens, the clean one above the corrupted one. Words that differ are marked. The model should " +
    "go on with the answer after the clean prompt; the wrong one is what it is compared with. Roles name the tokens that play " +
    "a part, so that prompts of different lengths can be compared; END is the last token.",
};

export const whatBaseline = (metric: TaskMetric): What => ({
  words:
    "The metric at the last token of every prompt, before anything is changed: these are the two ends of all that is patched. " +
    "Accuracy: in how many clean prompts the likeliest token is an answer; and in how many the answers have more than the wrong ones.",
  formula: METRIC[metric].formula,
});

export const whatPatch = (metric: TaskMetric, direction: Direction, isShare: boolean): What => ({
  words:
    direction === "denoise"
      ? "The corrupted prompt is run with one activation taken from the clean prompt’s run. A cell that brings the metric back " +
        "to the clean one’s holds what is enough for the answer. " +
        PER_PAIR
      : "The clean prompt is run with one activation taken from the corrupted prompt’s run. A cell that takes the metric down " +
        "to the corrupted one’s holds what the answer needs. " +
        PER_PAIR,
  formula: isShare
    ? `(M patched − M corrupted) / (M clean − M corrupted), M = mean over pairs of ${METRIC[metric].formula}`
    : `mean of m patched − m ${direction === "denoise" ? "corrupted" : "clean"}, m = ${METRIC[metric].formula}`,
  source:
    "Meng et al. 2022; Wang et al. 2022; TransformerLens’s patching module. Values are put in raw; TransformerLens’s processing gives the same.",
});
const PER_PAIR =
  "0: as corrupted, 1: as clean. Of several pairs it is the mean, with its standard error s/√n, the two ends held fixed; where " +
  "some pairs lack the place, or have not been run, the ends are those of the others.";

export const WHAT_AGREEMENT: What = {
  words:
    "What the preview says of each cell beside what patching it really does. Where they part, the model is not linear between both runs: " +
    "the stream, the first MLP and queries and keys of saturated attention are known for it. Points on the line agree.",
  formula: "preview: m base + Σ (x source − x base) · ∂m/∂x",
  source:
    "Nanda 2023, “Attribution patching”; integrated: Hanna, Pezzelle and Belinkov 2024, “Have faith in faithfulness”.",
};
