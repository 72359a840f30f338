/** A token, and a row of them. The row is one stop for Tab; arrow keys, Home and End move the selection in it. */
import { useEffect, useRef, type CSSProperties, type KeyboardEvent } from "react";
import { isSpecial, tokenParts, tokenText } from "./token-text.ts";

export type Shade = "feature" | "attention";

/** Text of a token with its marks; goes inside anything. */
export function TokenText({ token }: { token: string }) {
  return tokenParts(token).map(({ text, mark }, i) =>
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
  token: string;
  shade?: Shade | undefined;
  /** 0–1: how strongly it is shaded. */
  amount?: number | undefined;
  title?: string | undefined;
  className?: string;
}
const tokenClass = (token: string, shade: Shade | undefined, extra = "") =>
  `token ${shade ? `shade-${shade}` : ""} ${isSpecial(token) ? "special" : ""} ${extra}`;
const amountStyle = (amount: number | undefined): CSSProperties | undefined =>
  amount === undefined
    ? undefined
    : ({ "--v": Math.min(1, Math.max(0, amount)).toFixed(3) } as CSSProperties);

export function Token({ token, shade, amount, title, className }: TokenProps) {
  return (
    <span className={tokenClass(token, shade, className)} style={amountStyle(amount)} title={title}>
      <TokenText token={token} />
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
  const root = useRef<HTMLDivElement>(null);
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
  }, [selected, tokens]);

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
      {tokens.map((token, i) => (
        <button
          key={i}
          type="button"
          role="option"
          aria-selected={i === selected}
          aria-label={`${tokenText(token)}, position ${i}${describe ? `, ${describe(i)}` : ""}`}
          title={`${i}${describe ? ` · ${describe(i)}` : ""}`}
          tabIndex={i === (selected ?? 0) ? 0 : -1}
          className={tokenClass(
            token,
            shade,
            `${i === hovered ? "hover" : ""} ${i === related ? "related" : ""}`,
          )}
          style={amountStyle(amounts?.[i])}
          onClick={() => onSelect(i)}
          onPointerEnter={onHover && (() => onHover(i))}
        >
          <TokenText token={token} />
        </button>
      ))}
    </div>
  );
}
