/**
 * A text as it was written, token by token, after its prompt: shaded by surprise. Point at a token, or walk to it with the
 * arrow keys, to look at it; click it or press Enter to hold it.
 */
import { memo, useMemo, type CSSProperties, type KeyboardEvent, type PointerEvent } from "react";
import { readByPointer } from "../ui/pointer.ts";
import { type TokenLabel, tokenLabels } from "../ui/token-text.ts";
import { TokenText } from "../ui/token.tsx";
import "./written-text.css";
import { type Step, surpriseShades } from "./written.ts";

export interface WrittenTextProps {
  label: string;
  prompt: string;
  steps: readonly Step[];
  shaded: boolean;
  /** For each step: whether another text has another token there. */
  marked: readonly boolean[];
  /** Steps at which other branches leave. */
  forks: ReadonlySet<number>;
  pointed: number | null;
  onPoint: (step: number | null) => void;
  selected: number | null;
  onSelect: (step: number | null) => void;
  running: boolean;
}

export function WrittenText(props: WrittenTextProps) {
  const { label, prompt, steps, shaded, marked, forks, running } = props;
  const { pointed, onPoint, selected, onSelect } = props;
  const strings = useMemo(() => steps.map(({ string }) => string), [steps]);
  const labels = tokenLabels(strings);
  const shades = useMemo(() => surpriseShades(steps), [steps]);
  const stepAt = ({ target }: { target: EventTarget }): number | null => {
    const token = target instanceof Element ? target.closest("[data-step]") : null;
    return token instanceof HTMLElement ? Number(token.dataset["step"]) : null;
  };
  const onKeyDown = (e: KeyboardEvent) => {
    const last = steps.length - 1;
    if (last < 0) return;
    if (e.key === "Enter" && pointed !== null) {
      e.preventDefault();
      onSelect(pointed);
      return;
    }
    if (e.key === "Escape" && selected !== null) {
      e.stopPropagation();
      onSelect(null);
      return;
    }
    const from = pointed ?? selected ?? (e.key === "ArrowRight" ? -1 : last + 1);
    const to = { ArrowRight: from + 1, ArrowLeft: from - 1, Home: 0, End: last }[e.key];
    if (to === undefined) return;
    e.preventDefault();
    onPoint(Math.min(last, Math.max(0, to)));
  };
  return (
    <div
      className="written-text"
      role="group"
      tabIndex={0}
      aria-label={label}
      {...readByPointer(
        (e: PointerEvent) => onPoint(stepAt(e)),
        () => onPoint(null),
      )}
      onBlur={() => onPoint(null)}
      onClick={(e) => {
        const step = stepAt(e);
        if (step !== null) onSelect(step === selected ? null : step);
      }}
      onKeyDown={onKeyDown}
    >
      <span className="prompt-part">{prompt}</span>
      {labels.map((token, i) => (
        <StepText
          key={i}
          at={i}
          string={strings[i]!}
          token={token}
          shade={shaded ? shades[i]! : 0}
          className={[
            marked[i] ? "differs" : "",
            forks.has(i) ? "fork" : "",
            steps[i]!.chosen ? "chosen" : "",
            i === pointed ? "pointed" : "",
            i === selected ? "selected" : "",
          ]
            .filter(Boolean)
            .join(" ")}
        />
      ))}
      {running && <span className="caret" aria-hidden="true" />}
    </div>
  );
}

interface StepTextProps {
  at: number;
  string: string;
  token: TokenLabel;
  shade: number;
  className: string;
}
/** Text runs on as text does; what has no form of its own (parts of characters, the end) is shown by its label. */
const StepText = memo(function StepText({ at, string, token, shade, className }: StepTextProps) {
  const plain = token.detail === null;
  const style = shade > 0 ? ({ "--v": shade.toFixed(3) } as CSSProperties) : undefined;
  return (
    <span data-step={at} className={`step ${className}`} style={style}>
      {token.special ? (
        <em className="mark"> end of text</em>
      ) : plain ? (
        <Lines text={string} />
      ) : (
        <TokenText token={token} beside />
      )}
    </span>
  );
});

/** A line break has its mark, so that it can be pointed at. */
function Lines({ text }: { text: string }) {
  return text.split("\n").map((line, i) => (
    <span key={i}>
      {i > 0 && <span className="mark">{"↵\n"}</span>}
      {line}
    </span>
  ));
}
