/**
 * A piece of corpus with every token shaded by a feature's activation, the strongest marked. The value under the
 * pointer, or under the arrow keys once the row has the focus, is written at its end. A range of tokens is chosen as text
 * is: by dragging, or with Shift and the arrow keys.
 */
import {
  Fragment,
  useRef,
  useState,
  type CSSProperties,
  type KeyboardEvent,
  type MouseEvent,
  type PointerEvent,
  type ReactNode,
} from "react";
import type { FeatureExample } from "../core/sae.ts";
import { readByPointer } from "../ui/pointer.ts";
import { tokenLabels, type TokenLabel } from "../ui/token-text.ts";
import { activationWords, exampleName, type Span } from "./example.ts";
import "./example-row.css";

export interface ExampleRowProps {
  example: FeatureExample;
  span: Span;
  /** Activation of the strongest shade: the feature's largest, so that rows compare. */
  max: number;
  /** Values of either sign: blue above 0, vermilion below. */
  signed?: boolean;
  /** A token was clicked, or Enter pressed on it. */
  onToken?: (at: number) => void;
  /** Tokens that are chosen. */
  range?: Span | null;
  onRange?: (range: Span | null) => void;
  /** A second number a token, drawn as a line under it: blue above 0, vermilion below; NaN: none. */
  effects?: { values: Float32Array; most: number; words: (value: number) => string } | null;
  /** Buttons at the end of the row. */
  actions?: ReactNode;
}

export function ExampleRow(props: ExampleRowProps) {
  const { example, span, max, signed = false, onToken, actions } = props;
  const { range = null, onRange, effects = null } = props;
  const [at, setAt] = useState<number | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const anchor = useRef<number | null>(null);
  const { tokens, activations, peak } = example;
  const labels = tokenLabels(tokens);
  const shown = at !== null && at >= span.start && at < span.end ? at : peak;
  const value = activations[shown] ?? 0;

  const tokenAt = ({ target }: PointerEvent | MouseEvent): number | null => {
    const token = target instanceof Element ? target.closest("[data-at]") : null;
    return token instanceof HTMLElement ? Number(token.dataset["at"]) : null;
  };
  const onKeyDown = (e: KeyboardEvent) => {
    if (onToken && e.key === "Enter") onToken(shown);
    const to = {
      ArrowRight: shown + 1,
      ArrowLeft: shown - 1,
      Home: span.start,
      End: span.end - 1,
    }[e.key];
    if (onRange && e.key === "Escape" && range) {
      e.preventDefault();
      onRange(null);
    }
    if (to === undefined) return;
    e.preventDefault();
    const next = Math.min(span.end - 1, Math.max(span.start, to));
    setAt(next);
    if (!onRange) return;
    if (!e.shiftKey) {
      anchor.current = null;
      if (range) onRange(null);
      return;
    }
    anchor.current ??= shown;
    onRange(spanBetween(anchor.current, next));
  };
  const onPointerUp = () => {
    if (!onRange || !box.current) return;
    onRange(selectedTokens(box.current));
  };

  return (
    <div className="example-row">
      <div
        ref={box}
        className="example-text"
        role="group"
        tabIndex={0}
        aria-label={exampleName(example, span)}
        {...readByPointer(
          (e) => setAt(tokenAt(e)),
          () => setAt(null),
        )}
        onClick={
          onToken &&
          ((e) => {
            const clicked = tokenAt(e);
            if (clicked !== null) onToken(clicked);
          })
        }
        onPointerUp={onPointerUp}
        onBlur={() => setAt(null)}
        onKeyDown={onKeyDown}
      >
        {span.start > 0 && <span className="quiet">… </span>}
        {labels.slice(span.start, span.end).map((token, i) => {
          const position = span.start + i;
          const activation = activations[position] ?? 0;
          const { space, label } = withoutSpace(token);
          return (
            <Fragment key={position}>
              {space}
              <span
                data-at={position}
                title={token.detail ?? undefined}
                className={`${isOn(activation, signed) ? "on" : ""} ${signed ? signName(activation) : ""} ${onToken ? "clickable" : ""} ${position === peak && activation !== 0 ? "peak" : ""} ${position === at ? "hover" : ""} ${range && position >= range.start && position < range.end ? "chosen" : ""} ${effectName(effects?.values[position])}`}
                style={
                  {
                    "--v": shade(activation, max),
                    ...(effects && { "--e": shade(effects.values[position] ?? NaN, effects.most) }),
                  } as CSSProperties
                }
              >
                <Running token={label} />
              </span>
            </Fragment>
          );
        })}
        {span.end < tokens.length && <span className="quiet"> …</span>}
      </div>
      <div className="example-side">
        <output className={`example-value mono ${at === null ? "" : "at"}`}>
          {activationWords(value)}
          {effects && (
            <span className="example-effect">{effects.words(effects.values[shown] ?? NaN)}</span>
          )}
        </output>
        {actions}
      </div>
    </div>
  );
}

const spanBetween = (a: number, b: number): Span => ({
  start: Math.min(a, b),
  end: Math.max(a, b) + 1,
});

/** The tokens that the browser's own selection of text reaches; null if it is empty or elsewhere. */
function selectedTokens(box: HTMLElement): Span | null {
  const selection = getSelection();
  if (!selection || selection.isCollapsed) return null;
  const chosen = [...box.querySelectorAll<HTMLElement>("[data-at]")]
    .filter((token) => selection.containsNode(token, true))
    .map((token) => Number(token.dataset["at"]));
  return chosen.length > 0 ? spanBetween(chosen[0]!, chosen.at(-1)!) : null;
}

const effectName = (effect: number | undefined) =>
  effect === undefined || Number.isNaN(effect) || effect === 0
    ? ""
    : effect < 0
      ? "effect-minus"
      : "effect-plus";
const isOn = (value: number, signed: boolean) =>
  signed ? value !== 0 && !Number.isNaN(value) : value > 0;
const signName = (value: number) => (value < 0 ? "minus" : "plus");
/** 0–1; nothing for a token without a value. */
const shade = (value: number, max: number) =>
  max > 0 && !Number.isNaN(value) ? Math.min(1, Math.abs(value) / max) : 0;

/** A word's own space stands before its shade, or the shade would begin at the end of the line above. */
function withoutSpace(label: TokenLabel): { space: string; label: TokenLabel } {
  const [first, ...rest] = label.parts;
  if (first?.text !== "·" || !first.mark || rest.length === 0) return { space: "", label };
  return { space: " ", label: { ...label, parts: rest } };
}

/** Running text: spaces are spaces here, only what would break the line or cannot be seen gets its mark. */
function Running({ token: { special, parts, text: whole } }: { token: TokenLabel }) {
  if (special) return <span className="special"> {whole} </span>;
  return parts.map(({ text, mark, again }, i) =>
    again ? null : mark ? (
      <span key={i} className="quiet">
        {text.replaceAll("·", " ")}
      </span>
    ) : (
      text
    ),
  );
}
