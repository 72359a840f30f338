/** Scores of a label in words, each with what it was measured on. Pure. */
import type { LabelScore } from "../core/feature-notes.ts";
import { balancedAccuracy, precision, recall } from "../math/detection.ts";

export const SCORE_NAMES: Record<LabelScore["kind"], string> = {
  rule: "token rule",
  detection: "detection",
  fuzzing: "fuzzing",
  simulation: "simulation",
};

/** Two digits; what is 0/0 says so. */
export const twoDigits = (value: number | null): string =>
  value === null ? "cannot be said" : value.toFixed(2).replace("-", "−");

export const scoreValue = (score: LabelScore): string =>
  twoDigits(score.kind === "simulation" ? score.correlation : balancedAccuracy(score.counts));

/** How many cases it stands on. */
export function scoreSize(score: LabelScore): string {
  const unread = score.unread > 0 ? `, ${score.unread} unread` : "";
  if (score.kind === "simulation") return `of ${count(score.texts)} texts${unread}`;
  const { hits, misses, falseAlarms, rejections } = score.counts;
  const cases = score.kind === "rule" ? "tokens" : "texts";
  return `${count(hits + misses)} active, ${count(falseAlarms + rejections)} other ${cases}${unread}`;
}
const count = (n: number) => n.toLocaleString("en-US");

const WHAT: Record<LabelScore["kind"], string> = {
  rule: "The label’s own rule of tokens, applied to each token of held-out text without any model: balanced accuracy at telling where the feature is active",
  detection:
    "Told the label, a language model says of each text whether the feature is active on it: balanced accuracy",
  fuzzing:
    "Told the label, a language model says of each text whether the marked tokens are those it is active on: balanced accuracy",
  simulation:
    "Told the label, a language model writes an activation from 0 to 10 for each token: correlation with the true ones",
};

export function scoreTitle(score: LabelScore): string {
  const by = score.kind === "rule" ? "" : ` Judge: ${score.judge}.`;
  const when = ` ${score.at.slice(0, 10)}.`;
  if (score.kind === "simulation") return `${WHAT[score.kind]}.${by}${when}`;
  const share = (value: number | null) =>
    value === null ? "0/0" : `${(100 * value).toFixed(0)} %`;
  const { hits, misses, falseAlarms, rejections } = score.counts;
  return (
    `${WHAT[score.kind]}. Hits ${hits}, misses ${misses}, false alarms ${falseAlarms}, rightly left out ${rejections}; ` +
    `recall ${share(recall(score.counts))}, precision ${share(precision(score.counts))}.${by}${when}`
  );
}
