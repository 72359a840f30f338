/** Labelled form controls. Each shows its label, its unit, a hint, and what is wrong with its value. */
import { useId, type ComponentProps, type ReactNode } from "react";

interface FieldBase {
  label: ReactNode;
  hint?: ReactNode;
  /** What is wrong with the value, in words; marks the control invalid. */
  error?: string | null | undefined;
}
interface Wiring {
  id: string;
  "aria-describedby": string | undefined;
  "aria-invalid": boolean | undefined;
}

/** The frame: gives the control what ties it to its label, hint and error. */
export function Field({
  label,
  hint,
  error,
  children,
}: FieldBase & { children: (wiring: Wiring) => ReactNode }) {
  const id = useId();
  const note = `${id}-note`;
  const hasNote = Boolean(hint) || Boolean(error);
  return (
    <div className="field">
      <label className="field-label" htmlFor={id}>
        {label}
      </label>
      {children({
        id,
        "aria-describedby": hasNote ? note : undefined,
        "aria-invalid": error ? true : undefined,
      })}
      {hasNote && (
        <div id={note} className={error ? "field-error" : "field-hint"}>
          {error ?? hint}
        </div>
      )}
    </div>
  );
}

export type TextFieldProps = FieldBase &
  Omit<ComponentProps<"input">, "onChange" | "value"> & {
    value: string;
    onChange: (value: string) => void;
    mono?: boolean;
  };
export function TextField({ label, hint, error, onChange, mono, ...rest }: TextFieldProps) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(wiring) => (
        <input
          type="text"
          className={mono ? "input mono" : "input"}
          spellCheck={false}
          autoComplete="off"
          onChange={(e) => onChange(e.target.value)}
          {...wiring}
          {...rest}
        />
      )}
    </Field>
  );
}

export type LinesFieldProps = FieldBase &
  Omit<ComponentProps<"textarea">, "onChange" | "value"> & {
    value: string;
    onChange: (value: string) => void;
    /** Prose, which is set as such; by default in the type of code. */
    prose?: boolean;
  };
export function LinesField({ label, hint, error, onChange, prose, ...rest }: LinesFieldProps) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(wiring) => (
        <textarea
          className={prose ? "input lines" : "input mono lines"}
          spellCheck={false}
          onChange={(e) => onChange(e.target.value)}
          {...wiring}
          {...rest}
        />
      )}
    </Field>
  );
}

export type NumberFieldProps = FieldBase & {
  /** The text as typed: half-typed numbers are the user's business until they are read. */
  value: string;
  onChange: (value: string) => void;
  unit?: ReactNode;
  min?: number;
  max?: number;
  step?: number | "any";
  disabled?: boolean;
};
export function NumberField({
  label,
  hint,
  error,
  onChange,
  unit,
  step = "any",
  ...rest
}: NumberFieldProps) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(wiring) => (
        <div className="input-with-unit">
          <input
            type="number"
            className="input mono"
            step={step}
            onChange={(e) => onChange(e.target.value)}
            {...wiring}
            {...rest}
          />
          {unit && <span className="quiet">{unit}</span>}
        </div>
      )}
    </Field>
  );
}

export type SelectProps<T extends string> = FieldBase & {
  value: T;
  options: readonly { value: T; label: string; disabled?: boolean }[];
  onChange: (value: T) => void;
  disabled?: boolean;
};
export function Select<T extends string>({
  label,
  hint,
  error,
  options,
  onChange,
  ...rest
}: SelectProps<T>) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(wiring) => (
        <select
          className="input"
          onChange={(e) => onChange(e.target.value as T)}
          {...wiring}
          {...rest}
        >
          {options.map((option) => (
            <option key={option.value} value={option.value} disabled={option.disabled}>
              {option.label}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

export type SliderProps = FieldBase & {
  value: number;
  onChange: (value: number) => void;
  min: number;
  max: number;
  step: number;
  /** The value in words, with its unit: shown beside the slider and read aloud. */
  format: (value: number) => string;
  disabled?: boolean;
};
export function Slider({ label, hint, error, value, onChange, format, ...rest }: SliderProps) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(wiring) => (
        <div className="slider">
          <input
            type="range"
            value={value}
            onChange={(e) => onChange(e.target.valueAsNumber)}
            aria-valuetext={format(value)}
            {...wiring}
            {...rest}
          />
          <output htmlFor={wiring.id}>{format(value)}</output>
        </div>
      )}
    </Field>
  );
}

export interface CheckboxProps {
  label: ReactNode;
  checked: boolean;
  onChange: (checked: boolean) => void;
  disabled?: boolean;
  title?: string;
}
export function Checkbox({ label, onChange, title, ...rest }: CheckboxProps) {
  return (
    <label className="check" title={title}>
      <input type="checkbox" onChange={(e) => onChange(e.target.checked)} {...rest} />
      <span>{label}</span>
    </label>
  );
}
