/**
 * A feature circuit: nodes by layer and position, links between them, the more weight the thicker; the selected node's come forth in
 * colour, blue for what adds and vermilion for what takes away. With the keyboard: arrows walk, Enter selects, P pins, H hides,
 * G puts into the group that is being made, N goes on to its name, Ctrl+Z takes a mark back.
 */
import { type KeyboardEvent, useMemo, useRef, useState } from "react";
import { tokenLabels } from "../ui/token-text.ts";
import { undoKey } from "../ui/undo-key.ts";
import { useRem } from "../ui/use-rem.ts";
import { useSize } from "../ui/use-size.ts";
import {
  graphLayout,
  linkPath,
  markPath,
  moveInGraph,
  type ShownGraph,
  type ShownLink,
} from "./feature-graph.ts";
import "./feature-graph.css";

export interface FeatureGraphProps {
  graph: ShownGraph;
  tokens: readonly string[];
  layers: number;
  name: string;
  words: (node: number) => string;
  selected: number | null;
  /** Those about to be grouped. */
  chosen: ReadonlySet<string>;
  pinned: ReadonlySet<string>;
  onSelect: (node: number | null) => void;
  onPin: (node: number) => void;
  onHide: (node: number) => void;
  onChoose: (node: number) => void;
  /** N: what was chosen is to be named. */
  onName: () => void;
  onStep: (way: "undo" | "redo") => void;
  /** The node under the pointer or the keyboard's cursor. */
  onPoint: (node: number | null) => void;
}

const MOST_FAINT = 600; // links that are drawn without being asked for

export function FeatureGraphChart(props: FeatureGraphProps) {
  const { graph, tokens, layers, name, words, selected, chosen, pinned } = props;
  const box = useRef<HTMLDivElement>(null);
  const room = useSize(box)?.width ?? 0;
  const rem = useRem(1);
  const [pointed, setPointed] = useState<number | null>(null);
  const cursor = pointed !== null && pointed < graph.nodes.length ? pointed : null;
  const layout = useMemo(
    () => graphLayout(graph, { tokens, layers }, room, rem),
    [graph, tokens, layers, room, rem],
  );
  const labels = tokenLabels(tokens);
  const faint = useMemo(
    () =>
      graph.links.toSorted((a, b) => Math.abs(b.weight) - Math.abs(a.weight)).slice(0, MOST_FAINT),
    [graph],
  );
  const about = cursor ?? selected;
  const own = useMemo(
    () =>
      about === null
        ? []
        : graph.links.filter(({ source, target }) => source === about || target === about),
    [graph, about],
  );
  const near = useMemo(() => new Set(own.flatMap(({ source, target }) => [source, target])), [own]);
  const most = own.reduce((top, { weight }) => Math.max(top, Math.abs(weight)), 0);
  const point = (node: number | null) => {
    setPointed(node);
    props.onPoint(node);
  };
  const onKeyDown = (e: KeyboardEvent) => {
    const step = undoKey(e);
    if (step) {
      e.preventDefault();
      props.onStep(step);
    }
    if (e.ctrlKey || e.metaKey || e.altKey || graph.nodes.length === 0) return;
    const letter = e.key.toLowerCase();
    const from = cursor ?? selected ?? 0;
    const to = moveInGraph(layout, from, e.key);
    if (to !== null) point(cursor === null ? from : to);
    else if (e.key === "Enter" || e.key === " ") props.onSelect(from);
    else if (e.key === "Escape" && selected !== null) props.onSelect(null);
    else if (letter === "p") props.onPin(from);
    else if (letter === "h") props.onHide(from);
    else if (letter === "g") props.onChoose(from);
    else if (letter === "n") props.onName();
    else return;
    e.preventDefault();
  };
  const radius = 0.36 * rem;
  const path = (link: ShownLink) => linkPath(layout, link);
  return (
    <div ref={box} className="feature-graph">
      <div
        className="feature-graph-focus"
        tabIndex={0}
        role="img"
        aria-label={`${name}: ${graph.nodes.length} nodes, ${graph.links.length} links. ${cursor === null ? "Arrow keys walk, Enter selects, P pins, H hides, G groups." : words(cursor)}`}
        onKeyDown={onKeyDown}
        onBlur={() => point(null)}
      >
        {room > 0 && (
          <svg width={layout.width} height={layout.height + 1.6 * rem} aria-hidden="true">
            {layout.rows.map(({ layer, y, height }) => (
              <g key={layer}>
                {layer % 2 === 0 && (
                  <rect className="band" x={0} y={y} width={layout.width} height={height} />
                )}
                <text className="axis-label" x={0.2 * rem} y={y + height / 2} dy="0.35em">
                  {layer < 0 ? "tokens" : layer === layers ? "logits" : `L${layer}`}
                </text>
              </g>
            ))}
            {layout.columns.map(({ x, width }, pos) => (
              <g key={pos}>
                <line className="column" x1={x} x2={x} y1={0} y2={layout.height} />
                <text
                  className="column-name mono"
                  x={x + width / 2}
                  y={layout.height + 0.9 * rem}
                  textAnchor="middle"
                >
                  {clipped(labels[pos]!.text, Math.max(3, Math.floor(width / (0.5 * rem)) - 1))}
                  <title>{`${labels[pos]!.name} (${pos})`}</title>
                </text>
              </g>
            ))}
            {faint.map((link) => (
              <path key={`${link.source} ${link.target}`} className="link" d={path(link)} />
            ))}
            {own.map((link) => (
              <path
                key={`${link.source} ${link.target}`}
                className={`link own ${link.weight < 0 ? "minus" : "plus"}`}
                d={path(link)}
                strokeWidth={0.75 + (3.5 * Math.abs(link.weight)) / most}
              />
            ))}
            {graph.nodes.map((node, i) => (
              <path
                key={node.id}
                className={`node ${node.kind} ${i === selected ? "selected" : ""} ${i === cursor ? "pointed" : ""} ${near.has(i) && i !== about ? "near" : ""} ${pinned.has(node.id) ? "pinned" : ""} ${chosen.has(node.id) ? "chosen" : ""}`}
                d={markPath(node.kind, node.kind === "group" ? 1.35 * radius : radius)}
                transform={`translate(${layout.x[i]!.toFixed(1)} ${layout.y[i]!.toFixed(1)})`}
                onPointerEnter={() => point(i)}
                onPointerLeave={() => point(null)}
                onClick={(e) => {
                  if (e.ctrlKey || e.metaKey) props.onPin(i);
                  else if (e.shiftKey) props.onChoose(i);
                  else props.onSelect(i);
                }}
              />
            ))}
          </svg>
        )}
      </div>
    </div>
  );
}

const clipped = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most - 1)}…`;
