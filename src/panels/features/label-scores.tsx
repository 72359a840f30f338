/** Scores of a label, each with what it was measured on. */
import { scoreSize, scoreTitle, scoreValue, SCORE_NAMES } from "../../charts/label-score.ts";
import type { FeatureLabel } from "../../core/feature-notes.ts";

export function LabelScores({ label }: { label: FeatureLabel }) {
  return label.scores.map((score, i) => (
    <span key={i} className="label-score" title={scoreTitle(score)}>
      {SCORE_NAMES[score.kind]} <strong className="mono">{scoreValue(score)}</strong>{" "}
      <span className="quiet">{scoreSize(score)}</span>
    </span>
  ));
}
