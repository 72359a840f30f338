/**
 * Two next-token distributions over the union of their top tokens: plain (grey) above steered (amber), with both
 * probabilities and the change. Rows that change places slide there, unless motion is unwanted.
 */
import { useLayoutEffect, useRef, type RefObject } from "react";
import { formatPercent } from "../ui/format.ts";
import { Token } from "../ui/token.tsx";
import { pointsSign, pointsWords, type Comparison } from "./bars.ts";
import "./compare-bars.css";

export interface CompareBarsProps {
  comparison: Comparison;
  caption: string;
  /** What the two are called. @default plain and steered */
  names?: { a: string; b: string };
}

const SIGN_CLASS: Readonly<Record<number, string>> = { [-1]: "minus", 1: "plus" };

const NAMES = { a: "plain", b: "steered" };

export function CompareBars({ comparison, caption, names = NAMES }: CompareBarsProps) {
  const { rows, rest, max } = comparison;
  const body = useRef<HTMLTableSectionElement>(null);
  useSlidingRows(body, rows.map(({ id }) => id).join());
  const bar = (share: number) => ({ transform: `scaleX(${max > 0 ? share / max : 0})` });
  return (
    <div className="compare-room">
      <table className="compare-bars">
        <caption className="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            <th scope="col">next token</th>
            <th scope="col" className="compare-bar">
              <span className="visually-hidden">bars</span>
            </th>
            <th scope="col">
              <span className="swatch plain" /> {names.a}
            </th>
            <th scope="col">
              <span className="swatch steered" /> {names.b}
            </th>
            <th scope="col" title="Change in percentage points">
              ± points
            </th>
          </tr>
        </thead>
        <tbody ref={body}>
          {rows.map(({ id, string, plain, steered }) => (
            <tr key={id} data-id={id}>
              <th scope="row" title={`token ${id}`}>
                <Token token={string} />
              </th>
              <td className="compare-bar" aria-hidden="true">
                <span className="plain" style={bar(plain)} />
                <span className="steered" style={bar(steered)} />
              </td>
              <td className="mono">{formatPercent(plain)}</td>
              <td className="mono strong">{formatPercent(steered)}</td>
              <td className={`mono ${SIGN_CLASS[pointsSign(steered - plain)] ?? ""}`}>
                {pointsWords(steered - plain)}
              </td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">all others</th>
            <td className="compare-bar" />
            <td className="mono">{formatPercent(rest.plain)}</td>
            <td className="mono">{formatPercent(rest.steered)}</td>
            <td className="mono">{pointsWords(rest.steered - rest.plain)}</td>
          </tr>
        </tfoot>
      </table>
    </div>
  );
}

/** Starts each moved row where it was, and lets it glide (FLIP). `order` says when to look. */
function useSlidingRows(body: RefObject<HTMLTableSectionElement | null>, order: string) {
  const tops = useRef(new Map<string, number>());
  useLayoutEffect(() => {
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const now = new Map<string, number>();
    for (const row of body.current?.rows ?? []) {
      const id = row.dataset["id"]!;
      const top = row.offsetTop;
      const before = tops.current.get(id);
      now.set(id, top);
      if (!still && before !== undefined && before !== top) {
        row.animate([{ transform: `translateY(${before - top}px)` }, { transform: "none" }], {
          duration: 160,
          easing: "ease-out",
        });
      }
    }
    tops.current = now;
  }, [body, order]);
}
