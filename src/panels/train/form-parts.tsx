/** Parts of the training form: a number with what is wrong with it, and a labelled choice. */
import { useId, type ReactNode } from "react";
import { useLab } from "../../state/context.ts";
import type { NumberField, TrainPlan } from "../../state/train-form.ts";
import { TextField } from "../../ui/field.tsx";

interface FormNumberProps {
  field: NumberField;
  label: string;
  plan: TrainPlan;
  hint?: string | null;
}
export function FormNumber({ field, label, plan, hint = null }: FormNumberProps) {
  const form = useLab((s) => s.trainRequest);
  const set = useLab((s) => s.setTrainRequest);
  return (
    <TextField
      label={label}
      value={form[field]}
      onChange={(text) => set({ [field]: text })}
      inputMode="decimal"
      mono
      hint={hint}
      error={plan.problems[field]}
    />
  );
}

export function Choice({
  label,
  hint,
  children,
}: {
  label: string;
  hint?: string;
  children: ReactNode;
}) {
  const id = useId();
  return (
    <div className="field" role="group" aria-labelledby={id}>
      <span id={id} className="field-label">
        {label}
      </span>
      <div>{children}</div>
      {hint && <div className="field-hint">{hint}</div>}
    </div>
  );
}
