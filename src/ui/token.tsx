/** A token, and a row of them. The row is one stop for Tab; arrow keys, Home and End move the selection in it. */
import { useEffect, useRef, type CSSProperties, type KeyboardEvent } from "react";
import { tokenLabel, tokenLabels, type TokenLabel } from "./token-text.ts";
import { useSize } from "./use-size.ts";

export type Shade = "feature" | "attention";

/** A token alone, or one of several by its label among them (see `tokenLabels`). */
type TokenOrLabel = string | TokenLabel;
const labelFor = (token: TokenOrLabel) => (typeof token === "string" ? tokenLabel(token) : token);

export interface TokenTextProps {
  token: TokenOrLabel;
  /** The token before stands right beside it: a character that it began is not shown again. */
  beside?: boolean;
}
/** Text of a token with its marks; goes inside anything. */
export function TokenText({ token, beside = false }: TokenTextProps) {
  const parts = labelFor(token).parts.filter(({ again }) => !(beside && again));
  return parts.map(({ text, mark }, i) =>
    mark ? (
      <span key={i} className="mark">
        {text}
      </span>
    ) : (
      text
    ),
  );
}

export interface TokenProps {
  token: TokenOrLabel;
  shade?: Shade | undefined;
  /** 0–1: how strongly it is shaded. */
  amount?: number | undefined;
  title?: string | undefined;
  className?: string;
}
const tokenClass = ({ special }: TokenLabel, shade: Shade | undefined, extra = "") =>
  `token ${shade ? `shade-${shade}` : ""} ${special ? "special" : ""} ${extra}`;
const amountStyle = (amount: number | undefined): CSSProperties | undefined =>
  amount === undefined
    ? undefined
    : ({ "--v": Math.min(1, Math.max(0, amount)).toFixed(3) } as CSSProperties);

export function Token({ token, shade, amount, title, className }: TokenProps) {
  const label = labelFor(token);
  return (
    <span
      className={tokenClass(label, shade, className)}
      style={amountStyle(amount)}
      title={title ?? label.detail ?? undefined}
    >
      <TokenText token={label} />
    </span>
  );
}

export interface TokenStripProps {
  label: string;
  tokens: readonly string[];
  selected: number | null;
  onSelect: (position: number) => void;
  /** The position under the pointer, null when it leaves. */
  onHover?: ((position: number | null) => void) | undefined;
  /** Marked as under the pointer somewhere else on the page. */
  hovered?: number | null | undefined;
  /** Marked as related to the hovered one (its key). */
  related?: number | null | undefined;
  shade?: Shade | undefined;
  /** 0–1 for each token. */
  amounts?: ArrayLike<number> | undefined;
  /** More about token i, for its tooltip: "0.612". */
  describe?: ((position: number) => string) | undefined;
}

export function TokenStrip(props: TokenStripProps) {
  const { label, tokens, selected, onSelect, onHover, hovered, related, shade, amounts, describe } =
    props;
  const labels = tokenLabels(tokens);
  const root = useRef<HTMLDivElement>(null);
  const size = useSize(root);
  useEffect(() => {
    const strip = root.current;
    const token = selected === null ? null : strip?.children[selected];
    if (!strip || !(token instanceof HTMLElement)) return;
    // Only the strip scrolls: `scrollIntoView` would move the page under the reader.
    const top = token.offsetTop - strip.offsetTop;
    const left = token.offsetLeft - strip.offsetLeft;
    if (top < strip.scrollTop || top + token.offsetHeight > strip.scrollTop + strip.clientHeight) {
      strip.scrollTop = top - strip.clientHeight / 2;
    }
    if (
      left < strip.scrollLeft ||
      left + token.offsetWidth > strip.scrollLeft + strip.clientWidth
    ) {
      strip.scrollLeft = left - strip.clientWidth / 2;
    }
  }, [selected, tokens, size]);

  const onKeyDown = (e: KeyboardEvent) => {
    const at = selected ?? 0;
    const last = tokens.length - 1;
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: last }[e.key];
    if (to === undefined || to < 0 || to > last) return;
    e.preventDefault();
    onSelect(to);
    (root.current?.children[to] as HTMLElement | undefined)?.focus();
  };

  return (
    <div
      ref={root}
      className="token-strip"
      role="listbox"
      aria-label={label}
      aria-orientation="horizontal"
      onKeyDown={onKeyDown}
      onPointerLeave={onHover && (() => onHover(null))}
    >
      {labels.map((token, i) => (
        <button
          key={i}
          type="button"
          role="option"
          aria-selected={i === selected}
          aria-label={`${token.name}, position ${i}${describe ? `, ${describe(i)}` : ""}`}
          title={`${i}${describe ? ` · ${describe(i)}` : ""}${token.detail ? ` · ${token.detail}` : ""}`}
          tabIndex={i === (selected ?? 0) ? 0 : -1}
          className={tokenClass(
            token,
            shade,
            `${i === hovered ? "hover" : ""} ${i === related ? "related" : ""} ${token.joinsNext ? "joins-next" : ""}`,
          )}
          style={amountStyle(amounts?.[i])}
          onClick={() => onSelect(i)}
          onPointerEnter={onHover && (() => onHover(i))}
        >
          <TokenText token={token} beside />
        </button>
      ))}
    </div>
  );
}
