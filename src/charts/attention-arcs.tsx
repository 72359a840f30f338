/** One head over the text itself: from the query that is looked at, an arc back to every key, thick as its weight. */
import { useEffect, useRef } from "react";
import { tokenLabels } from "../ui/token-text.ts";
import { formatWeight } from "../ui/format.ts";
import { useRem } from "../ui/use-rem.ts";
import { useSize } from "../ui/use-size.ts";
import { arcHeight, arcPath, arcsOf, layoutTokens, type Arc } from "./arcs.ts";
import { shorten } from "./attention-axis.ts";

export interface AttentionArcsProps {
  pattern_QK: Float32Array; // [query, key]
  tokens: readonly string[];
  /** The query whose arcs are drawn strongly. */
  query: number;
  /** Whether `query` is the selected one, rather than the one pointed at. */
  locked: boolean;
  onQuery: (query: number | null) => void;
  onSelect: (query: number) => void;
}

const LEAST = 0.02; // weights below are not drawn, and the caption says so
const LEAST_BEHIND = 0.15; // the same for the other queries' arcs, drawn faintly behind
const MOST_BEHIND = 40; // tokens: beyond, the faint arcs are only noise

export function AttentionArcs(props: AttentionArcsProps) {
  const { pattern_QK, tokens, query, locked, onQuery, onSelect } = props;
  const n = tokens.length;
  const root = useRef<HTMLDivElement>(null);
  const size = useSize(root);
  const rem = useRem(1);
  const labels = tokenLabels(tokens).map(({ text }) => shorten(text, 16));
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
  const others = n <= MOST_BEHIND ? arcsOf(pattern_QK, n, without(n, query), LEAST_BEHIND) : [];
  const strong = arcsOf(pattern_QK, n, [query], LEAST);
  const selectedAt = locked ? centres[query] : undefined;
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
      aria-label={describe(strong, tokens, query)}
    >
      {size && (
        <svg width={width} height={total} onPointerLeave={() => onQuery(null)}>
          {others.map((arc) => (
            <path
              key={`${arc.q}-${arc.k}`}
              className="arc behind"
              d={path(arc)}
              style={{ opacity: arc.weight * 0.3 }}
            />
          ))}
          {strong.map((arc) => (
            <path
              key={arc.k}
              className="arc"
              d={path(arc)}
              style={{ strokeWidth: 0.75 + 4 * arc.weight, opacity: 0.45 + 0.55 * arc.weight }}
            />
          ))}
          {labels.map((label, i) => (
            <g
              key={i}
              className={`arc-token ${i === query ? (locked ? "selected" : "pointed") : ""}`}
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
              className="arc-weight"
              x={centres[k]}
              y={base + 2.5 * rem}
              textAnchor="middle"
            >
              {arcWeight(weight)}
            </text>
          ))}
        </svg>
      )}
    </div>
  );
}

/** ".67": there is little room under a token. */
const arcWeight = (weight: number) => weight.toFixed(2).replace(/^0/, "");

const without = (n: number, query: number) =>
  Array.from({ length: n }, (_, q) => q).filter((q) => q !== query);

/** Room of token i on the line: half way to its neighbours. */
function slot(centres: readonly number[], i: number, width: number): number {
  const before = i === 0 ? 0 : (centres[i - 1]! + centres[i]!) / 2;
  const after = i === centres.length - 1 ? width : (centres[i]! + centres[i + 1]!) / 2;
  return 2 * Math.min(centres[i]! - before, after - centres[i]!);
}

function describe(arcs: readonly Arc[], tokens: readonly string[], query: number): string {
  const labels = tokenLabels(tokens);
  const strongest = arcs.slice(-3).reverse();
  const words = strongest.map(({ k, weight }) => `${labels[k]!.name} ${formatWeight(weight)}`);
  return `Arcs from ${labels[query]?.name ?? ""} to ${words.join(", ")}`;
}
