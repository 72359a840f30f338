/**
 * A number that takes effect as it is typed, and is shown rounded. While the field has the focus its text is the
 * user's: "−" or "1e" on the way to a number change nothing. What is no number, or out of range, is marked and not taken.
 */
import { useState } from "react";

export interface NumberInputProps {
  label: string;
  value: number;
  onChange: (value: number) => void;
  format?: (value: number) => string;
  /** Of the arrow keys. */
  step?: number;
  min?: number;
  max?: number;
  whole?: boolean;
  id?: string;
  className?: string;
}

export function NumberInput(props: NumberInputProps) {
  const {
    label,
    value,
    onChange,
    format = String,
    step = 1,
    min = -Infinity,
    max = Infinity,
  } = props;
  const { whole = false, id, className = "" } = props;
  const [draft, setDraft] = useState<string | null>(null);
  const good = (n: number) =>
    Number.isFinite(n) && n >= min && n <= max && (!whole || Number.isInteger(n));
  const read = (text: string) => (text.trim() === "" ? NaN : Number(text.replace("−", "-")));
  const bad = draft !== null && !good(read(draft));
  const range =
    min > -Infinity && max < Infinity
      ? `, ${min} to ${max}`
      : min > -Infinity
        ? `, at least ${min}`
        : "";
  const stepBy = (by: number) => {
    setDraft(null);
    const next = Number((value + by).toPrecision(12)); // 0.1 + 0.2 is shown to people
    onChange(Math.min(max, Math.max(min, next)));
  };
  return (
    <input
      id={id}
      type="text"
      inputMode={whole ? "numeric" : "decimal"}
      className={`input mono ${className}`}
      aria-label={label}
      title={`${label}${range}`}
      aria-invalid={bad ? true : undefined}
      autoComplete="off"
      value={draft ?? format(value)}
      onChange={(e) => {
        setDraft(e.target.value);
        const number = read(e.target.value);
        if (good(number)) onChange(number);
      }}
      onBlur={() => setDraft(null)}
      onKeyDown={(e) => {
        if (e.key !== "ArrowUp" && e.key !== "ArrowDown") return;
        e.preventDefault();
        stepBy(e.key === "ArrowUp" ? step : -step);
      }}
    />
  );
}
