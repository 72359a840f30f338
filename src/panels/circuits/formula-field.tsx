/** The formula of the metric "formula", put to use with Enter or when it is left. */
import { useState } from "react";
import { toLabError } from "../../core/lab-error.ts";
import { FORMULA_NAMES, parseFormula } from "../../core/metric-formula.ts";
import { useText } from "../../state/options-slice.ts";
import { asSentence } from "../../ui/advice.ts";
import { TextField } from "../../ui/field.tsx";

export function FormulaField() {
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
        hint={`Of ${FORMULA_NAMES.join(", ")}: numbers, + - * /, brackets, exp(…), ln(…). Enter takes it.`}
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
