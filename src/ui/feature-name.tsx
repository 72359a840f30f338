/** A feature by its number and its label: the one way in which every panel tells it. */
import { type FeatureLabel, isScored } from "../core/feature-notes.ts";
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
      <span className={isScored(label) ? "feature-label" : "feature-label unverified"}>
        {label.text}
      </span>
    </span>
  );
}

/** Who said so. */
export function madeWords({ source }: FeatureLabel): string {
  switch (source.by) {
    case "user":
      return "written by hand";
    case "tokens":
      return "automatic, from its strongest examples";
    case "logits":
      return "automatic, from the tokens it promotes";
    case "model":
      return `written by ${source.model}`;
  }
}

/** Who said so, and whether any score has looked at it. */
export const sourceWords = (label: FeatureLabel): string =>
  `${madeWords(label)}${isScored(label) ? "" : ", unverified"}`;
