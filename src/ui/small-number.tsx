/** A number under its name. `shown` is what is seen of a name that is longer where it is read out. */
import { NumberInput, type NumberInputProps } from "./number-input.tsx";

export function SmallNumber({ shown, ...input }: { shown?: string } & NumberInputProps) {
  return (
    <label className="small-field">
      <span className="field-label">{shown ?? input.label}</span>
      <NumberInput {...input} />
    </label>
  );
}
