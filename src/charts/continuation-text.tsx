/**
 * A generated text after its prompt, with the tokens marked that differ from another text. Point at a token, or use the
 * arrow keys, for its probability.
 */
import { Fragment, useState, type KeyboardEvent, type PointerEvent } from "react";
import type { GeneratedToken } from "../core/generation.ts";
import { formatPercent } from "../ui/format.ts";
import { readByPointer } from "../ui/pointer.ts";
import { tokenText } from "../ui/token-text.ts";
import "./continuation-text.css";

export interface ContinuationTextProps {
  label: string;
  prompt: string;
  tokens: readonly GeneratedToken[];
  /** For each token. */
  marked: readonly boolean[];
  running: boolean;
  /** What the read-out says of a token besides its step and probability. */
  more?: (index: number) => string;
}

export function ContinuationText({
  label,
  prompt,
  tokens,
  marked,
  running,
  more,
}: ContinuationTextProps) {
  const [at, setAt] = useState<number | null>(null);
  const shown = at === null ? undefined : tokens[at];
  const onPoint = (e: PointerEvent) => {
    const token = e.target instanceof Element ? e.target.closest("[data-at]") : null;
    setAt(token instanceof HTMLElement ? Number(token.dataset["at"]) : null);
  };
  const onKeyDown = (e: KeyboardEvent) => {
    const last = tokens.length - 1;
    const from = at ?? -1;
    const to = { ArrowRight: from + 1, ArrowLeft: from - 1, Home: 0, End: last }[e.key];
    if (to === undefined || last < 0) return;
    e.preventDefault();
    setAt(Math.min(last, Math.max(0, to)));
  };
  return (
    <>
      <div
        className="continuation-text"
        role="group"
        tabIndex={0}
        aria-label={label}
        {...readByPointer(onPoint, () => setAt(null))}
        onBlur={() => setAt(null)}
        onKeyDown={onKeyDown}
      >
        <span className="prompt-part">{prompt}</span>
        {tokens.map(({ text }, i) => (
          <span
            key={i}
            data-at={i}
            className={`${marked[i] ? "differs" : ""} ${i === at ? "hover" : ""}`}
          >
            {text.split("\n").map((line, j) => (
              <Fragment key={j}>
                {j > 0 && <span className="quiet">{"↵\n"}</span>}
                {line}
              </Fragment>
            ))}
          </span>
        ))}
        {running && <span className="caret" aria-hidden="true" />}
      </div>
      <p className="readout" aria-live="polite">
        {shown
          ? `${shown.text === "" ? "(part of a character)" : tokenText(shown.text)}  step ${at! + 1}, probability ${formatPercent(shown.probability)}${more?.(at!) ?? ""}`
          : ""}
      </p>
    </>
  );
}
