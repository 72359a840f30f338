/** What was measured of a circuit, in sentences that claim no more than that. Pure. */
import type { TaskMetric } from "../core/task.ts";
import type { CircuitAblation, RandomBy } from "../core/verify.ts";
import { type CircuitReport, judge, type Judgement } from "./circuit-report.ts";

export interface VerdictFacts {
  metric: string;
  ablation: CircuitAblation;
  /** What the circuit is of. */
  of: "nodes" | "edges";
  /** Whether MLPs were left out, too. */
  withMlps: boolean;
  by: RandomBy;
  /** The names of the nodes, by unit, or of the edges. */
  names: readonly string[];
  prompts: VerdictPrompts;
}
export interface VerdictPrompts {
  task: string;
  /** The draw that they are of; null: they are the pairs of the open task. */
  seed: number | null;
}

const LEFT_OUT: Record<CircuitAblation, string> = {
  mean: "replaced by the mean over corrupted prompts",
  resample: "replaced by its value on the pair’s corrupted prompt",
  zero: "set to 0",
};
const CUT: Record<CircuitAblation, string> = {
  mean: "bringing its sender’s mean over corrupted prompts",
  resample: "bringing its sender’s value on the pair’s corrupted prompt",
  zero: "bringing nothing",
};
const FAITHFUL: Record<NonNullable<Judgement["faithful"]>, string> = {
  beyond: "It goes beyond the whole model, so something that works against it was left out.",
  close: "Within a tenth, it does what the whole model does here.",
  most: "It does more than half of what the whole model does here, and not all of it.",
  part: "It does less than half of what the whole model does here.",
  little: "It does hardly more here than nothing at all would do, or less.",
};

/** In place of the sentences whose numbers are shares of a way that is too short. */
const FAINT_TOO =
  "What was found of random circuits and of removed parts is measured by the same way, and says as little.";

/** @param metricText a number of the metric, as it is written */
export function verdict(
  report: CircuitReport,
  facts: VerdictFacts,
  metricText: (value: number) => string,
): string[] {
  const { full, circuit, empty, share, error } = report;
  const judged = judge(report);
  const other =
    facts.of === "edges"
      ? `every other edge ${CUT[facts.ablation]}`
      : `every other head${facts.withMlps ? " and MLP" : ""} ${LEFT_OUT[facts.ablation]}`;
  const values = `F(M) = ${metricText(full.mean)}, F(C) = ${withError(circuit, metricText)}, F(∅) = ${metricText(empty.mean)}`;
  const sentences = [`${promptWords(full.n, facts.prompts)} ${facts.metric}, ${other}: ${values}.`];
  if (share && judged.faithful) {
    const vague = judged.vague
      ? " The pairs are too few or too unlike to say so of others: ± is more than a tenth, or not known."
      : "";
    sentences.push(
      `Of the way from nothing to the whole model the circuit goes ${withError(share, percent)}. ` +
        (judged.faint
          ? `But that way is too short to be measured by: F(M) − F(∅) = ${withError(report.span, metricText)}, which could be nothing. Take more pairs, or a task that this model can do.`
          : `${FAITHFUL[judged.faithful]}${vague}`),
    );
  } else if (error) sentences.push(`How faithful it is cannot be said: ${error.message}.`);
  const others = [
    ...nullWords(report, judged, facts),
    ...completeWords(report, judged, metricText),
    ...(report.needed.length > 0 && share ? [neededWords(report, judged, facts)] : []),
  ];
  sentences.push(...(judged.faint && others.length > 0 ? [FAINT_TOO] : others));
  if (report.leastReferences !== null && report.leastReferences < 5) {
    sentences.push(
      `A mean was taken over as few as ${plural(report.leastReferences, "prompt")}, which is little: give more pairs of each template.`,
    );
  }
  sentences.push(
    "Other prompts, another metric or another ablation may say otherwise; none of this shows that the circuit is the only one.",
  );
  return sentences;
}

function promptWords(n: number, { task, seed }: VerdictPrompts): string {
  const pairs = `${plural(n, "pair")} of “${task}”`;
  return seed === null
    ? `On ${pairs}, those of the open task, on which the circuit may have been found:`
    : `On ${pairs}, drawn anew (seed ${seed}), none of them among the open task’s:`;
}

const WHERE: Record<VerdictFacts["of"], (by: RandomBy) => string> = {
  nodes: (by) => (by === "layer" ? "as many nodes in each layer" : "as many nodes anywhere"),
  edges: (by) =>
    by === "layer"
      ? "as many edges between each two layers"
      : "as many edges on paths from the input to the logits",
};

function nullWords(
  { random, asGood, p }: CircuitReport,
  judged: Judgement,
  { of, by }: Pick<VerdictFacts, "of" | "by">,
) {
  if (p === null || judged.special === null) return [];
  const found = `${asGood === 0 ? "none does" : asGood === 1 ? "1 does" : `${asGood} do`} as well (p = ${p.toPrecision(2)})`;
  const words = {
    yes: "Chance alone seldom gives a circuit as good.",
    no: "Chance gives one as good too often to call this one special.",
    few: "So few cannot show that chance seldom gives one as good: take 19 or more.",
  }[judged.special];
  return [
    `Of ${plural(random.length, "random circuit")} with ${WHERE[of](by)}, ${found}. ${words}`,
  ];
}

function completeWords(
  { subsets }: CircuitReport,
  { complete, worst }: Judgement,
  metricText: (value: number) => string,
) {
  if (!worst || complete === null) return [];
  const tried = subsets.filter(({ set }) => set.units.length > 0).length;
  const far = `${metricText(worst.circuit.mean)} against ${metricText(worst.model.mean)}, ${percent(worst.share!)} of that way`;
  return [
    complete === "yes"
      ? `Of the ${tried} parts K that were removed from both, none parts circuit and model by more than a tenth; the most is ${far} (${worst.set.name}).`
      : `With K = ${worst.set.name} removed from both, circuit and model differ: ${far}. The model has something for K’s part that the circuit lacks, or the circuit something that the model does not use.`,
  ];
}

function neededWords(
  { needed }: CircuitReport,
  { idle, idleOfModel }: Judgement,
  { names, of }: Pick<VerdictFacts, "names" | "of">,
) {
  const one = of === "edges" ? "edge" : "node";
  const { length } = needed;
  const paper =
    idleOfModel === null
      ? ""
      : ` By the paper’s measure, 1 % of F(M), ${length - idleOfModel.length} of ${plural(length, one)} do.`;
  if (idle.length === 0) {
    return length === 1
      ? `Its one ${one} changes the metric by at least 1 % of that way.${paper}`
      : `Each of the ${length} ${one}s that were tried changes the metric by at least 1 % of that way, for some K.${paper}`;
  }
  const listed = idle.slice(0, 8).map((unit) => names[unit] ?? String(unit));
  const rest = idle.length > listed.length ? ` and ${idle.length - listed.length} more` : "";
  return (
    `${length - idle.length} of ${length} ${one}s change the metric by at least 1 % of that way for some K; ` +
    `nothing here shows that ${listed.join(", ")}${rest} ${idle.length === 1 ? "is" : "are"} needed.${paper}`
  );
}

const percent = (share: number): string => `${(100 * share).toFixed(1).replace("-", "−")} %`;
const plural = (n: number, what: string) =>
  `${n.toLocaleString("en-US")} ${what}${n === 1 ? "" : "s"}`;
const withError = (
  { mean, error }: { mean: number; error: number | null },
  text: (value: number) => string,
): string => (error === null ? text(mean) : `${text(mean)} ± ${text(error)}`);

/** Of metrics in a sentence: "logit difference". */
export const METRIC_IN_WORDS: Record<TaskMetric, string> = {
  ...{ logitDiff: "logit difference", logProb: "log-probability", prob: "probability" },
  ...{ probDiff: "probability difference", rank: "rank of the answer", kl: "KL to clean" },
  formula: "formula",
};
