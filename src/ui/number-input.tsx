/**
 * A number that takes effect as it is typed, and is shown rounded. While the field has the focus its text is the
 * user's: "−" or "1e" on the way to a number change nothing. What is no number, or out of range, is not taken: it stays
 * in the field with the reason beside it, until it is mended or Escape puts the value back.
 */
import { useEffect, useId, useRef, useState } from "react";

export interface NumberInputProps {
  label: string;
  value: number;
  onChange: (value: number) => void;
  /** Told when the field begins and when it ceases to hold a text that is not taken. */
  onWrong?: (wrong: boolean) => void;
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
  const { whole = false, id, className = "", onWrong } = props;
  const [typed, setDraft] = useState<string | null>(null);
  /** The value when the field was left with a text that was not taken; another value since then puts the text away. */
  const [leftAt, setLeftAt] = useState<number | null>(null);
  const draft = leftAt === null || leftAt === value ? typed : null;
  const good = (n: number) =>
    Number.isFinite(n) && n >= min && n <= max && (!whole || Number.isInteger(n));
  const read = (text: string) => (text.trim() === "" ? NaN : Number(text.replace("−", "-")));
  const bad = draft !== null && !good(read(draft));
  const told = useRef(false);
  useEffect(() => {
    if (told.current !== bad) onWrong?.(bad);
    told.current = bad;
  }, [bad, onWrong]);
  const kind = whole ? "a whole number" : "a number";
  const range =
    min > -Infinity && max < Infinity
      ? ` from ${format(min)} to ${format(max)}`
      : min > -Infinity
        ? `, at least ${format(min)}`
        : "";
  const reason = useId();
  const stepBy = (by: number) => {
    setDraft(null);
    const next = Number((value + by).toPrecision(12)); // 0.1 + 0.2 is shown to people
    onChange(Math.min(max, Math.max(min, next)));
  };
  return (
    <span className="number-input">
      <input
        id={id}
        type="text"
        inputMode={whole ? "numeric" : "decimal"}
        className={`input mono ${className}`}
        aria-label={label}
        title={`${label} (${kind}${range})`}
        aria-invalid={bad ? true : undefined}
        aria-describedby={bad ? reason : undefined}
        autoComplete="off"
        value={draft ?? format(value)}
        onChange={(e) => {
          setDraft(e.target.value);
          const number = read(e.target.value);
          if (good(number)) onChange(number);
        }}
        onFocus={() => {
          setDraft(draft);
          setLeftAt(null);
        }}
        onBlur={() => {
          if (bad) setLeftAt(value);
          else setDraft(null);
        }}
        onKeyDown={(e) => {
          if (e.key === "Escape" && bad) {
            e.stopPropagation();
            setDraft(null);
          }
          if (e.key !== "ArrowUp" && e.key !== "ArrowDown") return;
          e.preventDefault();
          stepBy(e.key === "ArrowUp" ? step : -step);
        }}
      />
      {bad && (
        <span id={reason} className="number-problem" role="alert">
          {kind}
          {range}
        </span>
      )}
    </span>
  );
}
