/** What the attribution figures share: which logit they are about, and the line that adds it all up. */
import type { ReactNode } from "react";
import { targetText } from "../../../charts/attribution.ts";
import type { Target } from "../../../core/attribution.ts";
import { useLab } from "../../../state/context.ts";
import { formatSigned } from "../../../ui/format.ts";

/** A side of a comparison at the position that is looked at; null where it has none, or nothing is asked there. */
export interface Here<T> {
  facts: T;
  position: number;
  target: Target;
}

/** Says what it is about: "logit of ·Mary − ·John". */
export function TargetLine({ target }: { target: Target }) {
  return (
    <p className="readout">
      {target.against ? "logit difference " : "logit of "}
      <b className="mono">{targetText(target)}</b>
    </p>
  );
}

export interface SumLineProps {
  /** What adds up, in order. */
  terms: readonly { name: string; value: number }[];
  bias: number;
  logit: number;
}
/** Of what is added up: float32's own error, times the depth of a large model. */
const ROUNDING = 1e-4;

/** All parts and the bias beside the model's own logit: they differ by rounding alone. */
export function SumLine({ terms, bias, logit }: SumLineProps) {
  const basis = useLab((s) => s.basis);
  const biasName = basis === "tl" ? "bias (b_U)" : "bias (LayerNorm’s b · W_U)";
  const all = [...terms, { name: biasName, value: bias }];
  const sum = all.reduce((total, { value }) => total + value, 0);
  const size = all.reduce((total, { value }) => total + Math.abs(value), 1);
  return (
    <p className="sum-line">
      {all.map(({ name, value }) => (
        <span key={name}>
          {name} <span className="mono">{formatSigned(value, 3)}</span>
        </span>
      ))}
      <span>
        together <b className="mono">{formatSigned(sum, 3)}</b>
      </span>
      <span className="quiet">
        the model’s own <span className="mono">{formatSigned(logit, 3)}</span>, off by{" "}
        <span className="mono">{Math.abs(sum - logit).toExponential(0)}</span>
        {Math.abs(sum - logit) > ROUNDING * size
          ? ": more than rounding explains"
          : " (float32 rounding)"}
      </span>
    </p>
  );
}

/** Why there is nothing to draw. */
export const Nothing = ({ children }: { children: ReactNode }) => (
  <p className="quiet">{children}</p>
);
