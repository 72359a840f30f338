/** A feature by its number and its label: the one way in which every panel tells it. */
import type { FeatureLabel } from "../core/feature-notes.ts";
import "./feature-name.css";

export interface FeatureNameProps {
  feature: number;
  label: FeatureLabel | null;
  /** The label in place of the number, where there is room for one. @default false: both */
  brief?: boolean;
}
export function FeatureName({ feature, label, brief = false }: FeatureNameProps) {
  if (!label) return <span className="feature-name mono">{feature}</span>;
  return (
    <span className="feature-name" title={`${feature} · ${label.text} (${sourceWords(label)})`}>
      {!brief && <span className="mono">{feature}</span>}
      <span className={label.scores.length === 0 ? "feature-label unverified" : "feature-label"}>
        {label.text}
      </span>
    </span>
  );
}

/** Who said so. */
export function sourceWords({ source, scores }: FeatureLabel): string {
  const scored = scores.length === 0 ? ", unverified" : "";
  switch (source.by) {
    case "user":
      return `written by hand${scored}`;
    case "tokens":
      return `automatic, from its strongest examples${scored}`;
    case "logits":
      return `automatic, from the tokens it promotes${scored}`;
    case "model":
      return `written by ${source.model}${scored}`;
  }
}
