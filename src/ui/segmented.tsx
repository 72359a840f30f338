/** One choice of a few, side by side: `Segmented` for a setting (radio group), `Tabs` for views (tab list). */
import { useEffect, useId, useRef, type KeyboardEvent, type ReactNode } from "react";

export interface Choice<T extends string> {
  value: T;
  label: ReactNode;
  title?: string;
}
export interface SegmentedProps<T extends string> {
  label: string;
  value: T;
  choices: readonly Choice<T>[];
  onChange: (value: T) => void;
}

/** Arrow keys, Home and End move the choice, and the focus with it. */
function useArrowChoice<T extends string>({ value, choices, onChange }: SegmentedProps<T>) {
  const root = useRef<HTMLDivElement>(null);
  const onKeyDown = (e: KeyboardEvent) => {
    const at = choices.findIndex((choice) => choice.value === value);
    const to = {
      ArrowRight: (at + 1) % choices.length,
      ArrowDown: (at + 1) % choices.length,
      ArrowLeft: (at - 1 + choices.length) % choices.length,
      ArrowUp: (at - 1 + choices.length) % choices.length,
      Home: 0,
      End: choices.length - 1,
    }[e.key];
    const next = to === undefined ? undefined : choices[to];
    if (to === undefined || next === undefined) return;
    e.preventDefault();
    onChange(next.value);
    root.current?.querySelectorAll("button")[to]?.focus();
  };
  return { root, onKeyDown };
}

export function Segmented<T extends string>(props: SegmentedProps<T>) {
  const { label, value, choices, onChange } = props;
  const { root, onKeyDown } = useArrowChoice(props);
  return (
    <div
      ref={root}
      className="segmented"
      role="radiogroup"
      aria-label={label}
      onKeyDown={onKeyDown}
    >
      {choices.map((choice) => (
        <button
          key={choice.value}
          type="button"
          role="radio"
          aria-checked={choice.value === value}
          tabIndex={choice.value === value ? 0 : -1}
          title={choice.title}
          onClick={() => onChange(choice.value)}
        >
          {choice.label}
        </button>
      ))}
    </div>
  );
}

export function Tabs<T extends string>(props: SegmentedProps<T> & { children: ReactNode }) {
  const { label, value, choices, onChange, children } = props;
  const { root, onKeyDown } = useArrowChoice(props);
  const id = useId();
  // On a narrow window the list scrolls.
  useEffect(() => {
    root.current
      ?.querySelector("[aria-selected=true]")
      ?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [root, value]);
  return (
    <>
      <div ref={root} className="segmented" role="tablist" aria-label={label} onKeyDown={onKeyDown}>
        {choices.map((choice) => (
          <button
            key={choice.value}
            id={`${id}-${choice.value}`}
            type="button"
            role="tab"
            aria-selected={choice.value === value}
            aria-controls={`${id}-panel`}
            tabIndex={choice.value === value ? 0 : -1}
            title={choice.title}
            onClick={() => onChange(choice.value)}
          >
            {choice.label}
          </button>
        ))}
      </div>
      <div id={`${id}-panel`} role="tabpanel" aria-labelledby={`${id}-${value}`}>
        {children}
      </div>
    </>
  );
}
