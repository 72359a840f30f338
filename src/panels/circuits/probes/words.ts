/** What the figures of probes call things. */
import type {
  ProbePlace,
  ProbeRule,
  ProbeQuestion,
  ProbeResult,
  ProbeSite,
} from "../../../core/probe.ts";
import { mainScore, selectivity } from "../../../core/probe.ts";
import { LIBRARY } from "../../../core/task-library.ts";
import type { What } from "../../../ui/figure.tsx";

export const SITE: Record<ProbeSite, string> = {
  hook_resid_pre: "resid_pre",
  "ln1.hook_normalized": "ln1.normalized",
  "attn.hook_q": "q",
  "attn.hook_k": "k",
  "attn.hook_v": "v",
  "attn.hook_z": "z",
  hook_attn_out: "attn_out",
  hook_resid_mid: "resid_mid",
  "ln2.hook_normalized": "ln2.normalized",
  "mlp.hook_pre": "mlp.pre",
  "mlp.hook_post": "mlp.post",
  hook_mlp_out: "mlp_out",
  hook_resid_post: "resid_post",
};
export const SITE_TITLE: Record<ProbeSite, string> = {
  hook_resid_pre: "Residual stream before a layer",
  "ln1.hook_normalized": "What attention reads, after LayerNorm",
  "attn.hook_q": "Heads’ queries",
  "attn.hook_k": "Heads’ keys",
  "attn.hook_v": "Heads’ values",
  "attn.hook_z": "Heads’ outputs before W_O",
  hook_attn_out: "What attention adds to the stream",
  hook_resid_mid: "Residual stream between attention and MLP",
  "ln2.hook_normalized": "What the MLP reads, after LayerNorm",
  "mlp.hook_pre": "Neurons before their activation function",
  "mlp.hook_post": "Neurons’ activations",
  hook_mlp_out: "What the MLP adds to the stream",
  hook_resid_post: "Residual stream after a layer",
};

/** Each rule in words: what it holds for. Nothing is said of BOS. */
export const RULE: Record<ProbeRule, string> = {
  "begins a word": "The token is a space or a line break and letters.",
  capitalised: "The token’s first letter is a capital.",
  punctuation: "The token is nothing but punctuation and symbols.",
  digit: "There is a digit in the token.",
  pronoun: "The token is a personal or possessive pronoun.",
  "ends in -ed or -ing": "The token ends in -ed or -ing after two letters or more.",
  "next is capitalised": "The token after it begins with a capital: what comes, not what is there.",
  "next is punctuation": "The token after it is punctuation.",
  "seen before": "The same token came earlier in the context.",
  "pair seen before":
    "The token and the one before it came earlier in the context, side by side: it is in a repeated sequence.",
  "praise or blame":
    "Words of praise (wonderful, good, loved …) against words of blame (terrible, bad, hated …); other tokens have no label.",
  "odd position": "Its position is an odd number; BOS is at 0.",
  position: "A number: its position; BOS is at 0.",
  characters: "A number: the characters of the token, its space with them.",
  "since punctuation": "A number: tokens since the last punctuation mark, or since BOS.",
};

export const placeName = ({ site, layer, head }: ProbePlace): string =>
  `${SITE[site]} ${head === null ? layer : `${layer}.${head}`}`;

export const dataName = ({ request: { source } }: Pick<ProbeQuestion, "request">): string =>
  source.kind === "rule"
    ? source.rule
    : source.kind === "task"
      ? `${LIBRARY[source.task].label}, by ${source.by}`
      : source.name;

export const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
/** "93.1 %" of accuracy, "0.812" of R². */
export const scoreText = ({ scores }: Pick<ProbeResult, "scores">, value: number): string =>
  scores.kind === "classes" ? percent(value) : zeroed(value).toFixed(3).replace("-", "−");
/** What rounds to 0 has no sign. */
const zeroed = (value: number) => (Math.abs(value) < 0.0005 ? 0 : value);
const signed = (value: number, digits: number) =>
  `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(digits)}`;
export const selectivityText = (result: ProbeResult): string => {
  const value = selectivity(result);
  if (value === null) return "–";
  return result.scores.kind === "classes" ? `${signed(100 * value, 1)} points` : signed(value, 3);
};
export const resultText = (result: ProbeResult): string =>
  `${placeName(result.place)}: ${result.scores.kind === "classes" ? "accuracy" : "R²"} ${scoreText(result, mainScore(result))}, selectivity ${selectivityText(result)}`;

export const WHAT_DATA: What = {
  words:
    "Texts whose tokens, or which as a whole, have labels. A probe learns to tell the labels from activations; it is judged on texts that it has not seen. Equal texts count once, so that no text is in two parts of the data.",
  formula: "five parts by text, each with its share of every class",
};
export const WHAT_SWEEP: What = {
  words:
    "How well a linear map of the activation tells the labels of held-out texts, by layer. The dashed lines are the most frequent class told always, and the same probe on shuffled labels: what it can learn by heart. A high score says that the label can be read off there, not that the model uses it: test that with the direction, as an edit.",
  formula:
    "min (1/N) Σ ℓ(W·z + b, y) + (λ/2)‖W‖², z = (x − mean)/deviation; logistic: ℓ = −ln softmax; linear: ℓ = ½(s − y)². λ of 10 … 10⁻³ by the validation part, then fitted on all but the held-out part. Selectivity = score − mean score on shuffled labels.",
  source:
    "Alain and Bengio 2016, “Understanding intermediate layers using linear classifier probes”. Shuffled labels of tokens: one random label for each token type, drawn with the labels’ shares (the control task of Hewitt and Liang 2019, “Designing and Interpreting Probes with Control Tasks”); of texts: the labels permuted.",
  basis: "raw",
};
export const WHAT_DETAIL: What = {
  words:
    "One probe. The matrix counts held-out cases: rows what they are, columns what the probe says. Below it the cases that it gets most wrong.",
  formula:
    "balanced accuracy = mean of the classes’ recalls; AUC = chance that a case of the second class scores higher than one of the first; R² = 1 − Σ(y − s)²/Σ(y − mean y)²",
  basis: "raw",
};
export const WHAT_DIRECTION: What = {
  words:
    "Where the probe looks, in the hook’s own space: a unit vector. As it writes to the residual stream it raises and lowers the logits of these tokens. One step is the standard deviation of the activations along it.",
  formula:
    "d = w/‖w‖, w = W/deviation (of several classes a row less the rows’ mean); step = deviation of x·d over the cases fitted on; effect on a logit: d·W_U, the final LayerNorm’s scale left out",
  basis: "raw",
};
export const WHAT_COSINES: What = {
  words:
    "Whether the probes of different layers look the same way: the cosine between their directions, of places with as many numbers.",
  formula: "cos = d₁·d₂",
  source:
    "Between random directions in D dimensions the cosine is about 0 ± 1/√D. Correlated inputs let equally good probes look different ways.",
  basis: "raw",
};
