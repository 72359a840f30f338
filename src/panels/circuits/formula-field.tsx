/** The formula of the metric "formula", put to use with Enter or when it is left. */
import { useState } from "react";
import { toLabError } from "../../core/lab-error.ts";
import { FORMULA_NAMES, parseFormula } from "../../core/metric-formula.ts";
import type { RunPair, TaskMetric } from "../../core/task.ts";
import { useText } from "../../state/options-slice.ts";
import { asSentence } from "../../ui/advice.ts";
import { TextField } from "../../ui/field.tsx";

/** The field, where a formula is the metric. */
export const MetricFormula = ({ metric }: { metric: TaskMetric }) =>
  metric === "formula" ? <FormulaField /> : null;

/** Why nothing can be run by the metric yet, if it is a formula that is not written; else null. */
export const lacksFormula = (
  metric: TaskMetric,
  pairs: readonly Pick<RunPair, "formula">[],
): string | null =>
  metric === "formula" && pairs.some(({ formula }) => formula === undefined)
    ? "Write the formula first."
    : null;

function FormulaField() {
  const [written, setWritten] = useText("circuits.formula", "");
  const [draft, setDraft] = useState<string | null>(null);
  const text = draft ?? written;
  const problem = text.trim() === "" ? null : problemOf(text);
  const take = () => {
    if (draft === null || problem !== null) return;
    setWritten(draft.trim());
    setDraft(null);
  };
  return (
    <div className="formula-field">
      <TextField
        label="Formula"
        mono
        value={text}
        maxLength={200}
        placeholder="logitDiff - 0.5 * kl"
        hint={`Of ${FORMULA_NAMES.join(", ")}: numbers, + - * /, brackets, exp(…), ln(…). Higher is taken as better: -kl, not kl. Enter takes it.`}
        error={problem}
        onChange={setDraft}
        onBlur={take}
        onKeyDown={(e) => {
          if (e.key === "Enter") take();
        }}
      />
    </div>
  );
}

function problemOf(text: string): string | null {
  try {
    parseFormula(text);
    return null;
  } catch (e) {
    return asSentence(toLabError(e).message);
  }
}
