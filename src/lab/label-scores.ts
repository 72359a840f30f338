/** How well the labels of an SAE's features hold, all of them together. */
import type { LabelScore, SaeNotes } from "../core/feature-notes.ts";
import type { FeaturesReport } from "../core/sae-report.ts";
import { balancedAccuracy } from "../math/detection.ts";

/** Means over the features whose label has a score of that kind that can be said. */
export function labelScores({ features }: SaeNotes): FeaturesReport["labels"] {
  const labels = [...features.values()].flatMap(({ label }) => (label ? [label] : []));
  const mean = (kind: "rule" | "detection" | "fuzzing"): number | null => {
    const found = labels.flatMap(({ scores }) => {
      const last = scores.findLast((score: LabelScore) => score.kind === kind);
      const value = last && "counts" in last ? balancedAccuracy(last.counts) : null;
      return value === null ? [] : [value];
    });
    return found.length === 0 ? null : found.reduce((sum, v) => sum + v, 0) / found.length;
  };
  return {
    labelled: labels.length,
    rule: mean("rule"),
    detection: mean("detection"),
    fuzzing: mean("fuzzing"),
  };
}
