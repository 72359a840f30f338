/** One head over the text itself: from the query that is looked at, an arc back to every key, thick as its number. */
import { useEffect, useRef } from "react";
import type { TokenLabel } from "../ui/token-text.ts";
import { useRem } from "../ui/use-rem.ts";
import { useSize } from "../ui/use-size.ts";
import { arcHeight, arcPath, arcsOf, layoutTokens, type Arc } from "./arcs.ts";
import { shorten } from "./attention-axis.ts";

export interface AttentionArcsProps {
  /** [query, key] */
  values_QK: Float32Array;
  tokens: readonly TokenLabel[];
  /** The number of the thickest arc. */
  top: number;
  /** Whether numbers are told apart by their sign, as differences are. */
  signed: boolean;
  /** How a number is written: in a few characters under its token, and in words. */
  format: (value: number) => { short: string; long: string };
  /** The query whose arcs are drawn strongly. */
  query: number;
  /** The key that is looked at with it, where the two are read out. */
  cellKey: number | null;
  /** Whether `query` is the selected one, rather than the one pointed at. */
  selected: boolean;
  onQuery: (query: number | null) => void;
  onSelect: (query: number) => void;
}

const LEAST = 0.02; // of the top: less is not drawn, and the caption says so
const LEAST_BEHIND = 0.15; // the same for the other queries' arcs, drawn faintly behind
const MOST_BEHIND = 40; // tokens: beyond, the faint arcs are only noise

export function AttentionArcs(props: AttentionArcsProps) {
  const { values_QK, tokens, top, signed, format, query, cellKey, selected } = props;
  const { onQuery, onSelect } = props;
  const n = tokens.length;
  const root = useRef<HTMLDivElement>(null);
  const size = useSize(root);
  const rem = useRem(1);
  const labels = tokens.map(({ text }) => shorten(text, 16));
  const { centres, width } = layoutTokens(labels, {
    column: 0.505 * rem,
    gap: 0.55 * rem,
    room: size?.width ?? 0,
  });
  const height = 5.5 * rem;
  const base = height + 6;
  const widest = Math.max(1, (centres.at(-1) ?? 0) - (centres[0] ?? 0));
  const path = ({ q, k }: Arc) => {
    const [from, to] = [centres[q]!, centres[k]!];
    return arcPath(from, to, base, arcHeight(from - to, widest, height));
  };
  const others =
    n <= MOST_BEHIND ? arcsOf(values_QK, n, without(n, query), LEAST_BEHIND * top) : [];
  const strong = arcsOf(values_QK, n, [query], LEAST * top);
  const sign = (weight: number) => (signed ? (weight < 0 ? "below" : "above") : "");
  const share = (weight: number) => Math.min(1, Math.abs(weight) / top);
  const selectedAt = selected ? centres[query] : undefined;
  useEffect(() => {
    const room = root.current;
    if (!room || selectedAt === undefined) return;
    const { scrollLeft, clientWidth } = room;
    const seen = selectedAt > scrollLeft + 24 && selectedAt < scrollLeft + clientWidth - 24;
    if (!seen) room.scrollLeft = selectedAt - clientWidth * 0.8;
  }, [selectedAt, width, size]);
  const total = base + 3 * rem;

  return (
    // Focusable because a long text scrolls inside; the selection itself moves with the token strip.
    <div
      ref={root}
      className="arcs"
      tabIndex={0}
      role="img"
      aria-label={describe(strong, tokens, query, format)}
    >
      {size && (
        <svg width={width} height={total} onPointerLeave={() => onQuery(null)}>
          {others.map((arc) => (
            <path
              key={`${arc.q}-${arc.k}`}
              className="arc behind"
              d={path(arc)}
              style={{ opacity: share(arc.weight) * 0.3 }}
            />
          ))}
          {strong.map((arc) => (
            <path
              key={arc.k}
              className={`arc ${sign(arc.weight)}`}
              d={path(arc)}
              style={{
                strokeWidth: 0.75 + 4 * share(arc.weight),
                opacity: arc.k === cellKey ? 1 : 0.4 + 0.5 * share(arc.weight),
              }}
            />
          ))}
          {labels.map((label, i) => (
            <g
              key={i}
              className={`arc-token ${i === query ? (selected ? "selected" : "pointed") : i === cellKey ? "pointed" : ""}`}
              onPointerEnter={() => onQuery(i)}
              onClick={() => onSelect(i)}
            >
              <rect
                x={centres[i]! - slot(centres, i, width) / 2}
                y={base}
                width={slot(centres, i, width)}
                height={2.9 * rem}
              />
              <text x={centres[i]} y={base + 1.35 * rem} textAnchor="middle">
                {label}
              </text>
            </g>
          ))}
          {strong.map(({ k, weight }) => (
            <text
              key={k}
              className={`arc-weight ${sign(weight)}`}
              x={centres[k]}
              y={base + 2.5 * rem}
              textAnchor="middle"
            >
              {format(weight).short}
            </text>
          ))}
        </svg>
      )}
    </div>
  );
}

const without = (n: number, query: number) =>
  Array.from({ length: n }, (_, q) => q).filter((q) => q !== query);

/** Room of token i on the line: half way to its neighbours. */
function slot(centres: readonly number[], i: number, width: number): number {
  const before = i === 0 ? 0 : (centres[i - 1]! + centres[i]!) / 2;
  const after = i === centres.length - 1 ? width : (centres[i]! + centres[i + 1]!) / 2;
  return 2 * Math.min(centres[i]! - before, after - centres[i]!);
}

function describe(
  arcs: readonly Arc[],
  tokens: readonly TokenLabel[],
  query: number,
  format: AttentionArcsProps["format"],
): string {
  const strongest = arcs.slice(-3).reverse();
  const words = strongest.map(({ k, weight }) => `${tokens[k]!.name} ${format(weight).long}`);
  const to = words.length === 0 ? "nothing" : words.join(", ");
  return `Arcs from ${tokens[query]?.name ?? ""} to ${to}`;
}
