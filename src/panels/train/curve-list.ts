/** The curves of a run: what each one is, where its numbers are, how they are written. Pure. */
import { countTick } from "../../charts/line-chart.tsx";
import { LOSS_PARTS, type LossPart, type TrainVariant } from "../../core/sae-recipe.ts";
import type { TrainPoint } from "../../core/train-point.ts";
import { formatCount } from "../../ui/format.ts";

export interface Curve {
  /** Of its files: "training-l0"; and its column in the table of all. */
  key: string;
  title: string;
  about: string;
  formula?: string;
  source?: string;
  at: (point: TrainPoint) => number;
  format: (value: number) => string;
  tick?: (value: number) => string;
  log?: boolean;
  yMin?: number;
  yMax?: number;
}

const loss = (value: number) => (value === 0 ? "0" : value.toPrecision(3));
const count = (value: number) => value.toLocaleString("en-US");

const PARTS: Record<LossPart, Pick<Curve, "title" | "about" | "formula" | "source">> = {
  penalty: {
    title: "Penalty",
    about: "What the loss takes for activity: it makes features rare. It rises with its warm-up.",
    formula:
      "λ · mean Σ f   (weighted: λ · mean Σ f · ‖W_dec row‖; gated: λ · mean Σ max(π, 0), π the gate)",
  },
  gate: {
    title: "Gate’s own loss",
    about: "What the gate alone would miss if it had to rebuild the input: it teaches the gate.",
    formula: "mean ‖x − x̂ of max(π, 0)‖²",
  },
  l0: {
    title: "Pull to the target",
    about: "What the loss takes for missing the wanted number of active features.",
    formula: "c · D · (L0 / target − 1)²",
  },
  revival: {
    title: "Revival of the dead",
    about:
      "Pulls the pre-activations of dead features up to their thresholds; 0 while none is dead.",
    formula: "γ · mean Σ over dead features of max(θ − pre, 0),  γ = 3 · 10⁻⁶",
  },
  auxiliary: {
    title: "Auxiliary loss",
    about: "The dead features try to rebuild what the living left over; 0 while none is dead.",
    formula: "D/32 · Σ‖r − decode(top D/2 of the dead)‖² / Σ‖r − r̄‖²,  r = x − x̂",
    source: "Gao et al. (2024), A.2; divided by the residual’s variance as in dictionary_learning.",
  },
  nested: {
    title: "Nested loss",
    about:
      "The reconstruction error, averaged over the nested widths: the loss has it in place of the last one’s.",
    formula: "mean over widths m of mean ‖x − x̂ of the first m features‖²",
  },
};

const lossCurve = (part: LossPart, i: number): Curve => ({
  key: `loss-${part}`,
  ...PARTS[part],
  at: ({ lossParts }) => lossParts[i] ?? NaN,
  format: loss,
  log: true,
});

/** @param variant of the run @param transcoder whether it rebuilds an MLP's output y, and not the x that it reads */
export const curvesOf = (variant: TrainVariant, transcoder = false): Curve[] =>
  transcoder ? curvesOfX(variant).map(ofOutput) : curvesOfX(variant);

const ofOutput = (curve: Curve): Curve => ({
  ...curve,
  about: curve.about
    .replace("the input", "the MLP’s output")
    .replace("an input has", "an output has")
    .replace("inputs", "outputs"),
  ...(curve.formula && {
    formula: curve.formula
      .replaceAll("x − x̂", "y − ŷ")
      .replaceAll("x − x̄", "y − ȳ")
      .replaceAll("x̄", "ȳ"),
  }),
});

const curvesOfX = (variant: TrainVariant): Curve[] => [
  {
    key: "reconstruction-loss",
    title: "Reconstruction loss",
    about: "How far what is rebuilt lies from the input, on inputs scaled to a mean norm of √D.",
    formula: "mean ‖x − x̂‖²",
    at: (p) => p.reconstructionLoss,
    format: loss,
    log: true,
  },
  ...LOSS_PARTS[variant].map(lossCurve),
  {
    key: "explained-variance",
    title: "Explained variance",
    about:
      "1 is perfect, 0 no better than the mean. Sums are pooled over the tokens since the last point.",
    formula: "1 − Σ‖x − x̂‖² / Σ‖x − x̄‖²",
    at: (p) => p.explainedVariance,
    format: (value) => value.toFixed(3),
    yMin: 0,
    yMax: 1,
  },
  {
    key: "l0",
    title: "L0",
    about: "Mean number of active features per token.",
    formula: "mean Σ [f > 0]",
    at: (p) => p.l0,
    format: (value) => value.toFixed(1),
    yMin: 0,
  },
  {
    key: "dead-features",
    title: "Dead features",
    about: "Features that have not fired for 100,000 training tokens.",
    at: (p) => p.dead,
    format: count,
    yMin: 0,
  },
  {
    key: "dense-features",
    title: "Ultra-dense features",
    about: "Features that fire on a tenth of the tokens or more, over the last 50,000 to 100,000.",
    source: "SAEBench’s core evaluation counts features that fire on more than 10 % of the tokens.",
    at: (p) => p.dense,
    format: count,
    yMin: 0,
  },
  {
    key: "gradient-norm",
    title: "Gradient norm",
    about:
      "Norm of the gradient of all parameters together, before it is clipped to 1; mean over the steps.",
    formula: "√ Σ over parameters ‖∂L‖²",
    at: (p) => p.gradientNorm,
    format: loss,
    log: true,
  },
  {
    key: "bias-distance",
    title: "Bias from mean",
    about:
      "How far b_dec lies from the mean of the inputs since the last point; an input has norm √D.",
    formula: "‖b_dec − x̄‖",
    at: (p) => p.biasDistance,
    format: loss,
    yMin: 0,
  },
  {
    key: "tokens-per-second",
    title: "Tokens per second",
    about: "Activations trained on per second, harvesting included, pauses left out.",
    at: (p) => p.tokensPerSecond,
    format: (value) => formatCount(Math.round(value)),
    tick: countTick,
    yMin: 0,
  },
];
