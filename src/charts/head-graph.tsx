/**
 * Heads in their layers, with edges between those that compose: the stronger, the thicker and darker. The selected head's edges
 * have the accent. An edge is read out under the pointer; with the arrow keys one walks from head to head, Enter selects.
 */
import { useMemo, useRef, useState, type KeyboardEvent } from "react";
import { useRem } from "../ui/use-rem.ts";
import { useSize } from "../ui/use-size.ts";
import { edgePath, edgeStrength, graphLayout, type HeadEdge, moveHead } from "./head-edges.ts";
import "./head-graph.css";

export interface HeadGraphProps {
  layers: number;
  heads: number;
  /** Those to draw. */
  edges: readonly HeadEdge[];
  name: string;
  headWords: (head: number) => string;
  selected: number | null;
  onSelect: (head: number) => void;
  /** The edge that is read out, here or elsewhere. */
  edge: HeadEdge | null;
  onEdge: (edge: HeadEdge | null) => void;
  /** The head under the pointer or the keyboard's cursor. */
  onHead: (head: number | null) => void;
}
const same = (a: HeadEdge | null, b: HeadEdge) => a?.from === b.from && a.to === b.to;

export function HeadGraph(props: HeadGraphProps) {
  const { layers, heads, edges, name, headWords, selected, onSelect, edge, onEdge, onHead } = props;
  const box = useRef<HTMLDivElement>(null);
  const room = useSize(box)?.width ?? 0;
  const rem = useRem(1);
  const [cursor, setCursor] = useState<number | null>(null);
  const layout = useMemo(() => graphLayout(layers, heads, room, rem), [layers, heads, room, rem]);
  const [most, least] = [edges[0]?.value ?? 1, edges.at(-1)?.value ?? 0];
  const touches = ({ from, to }: HeadEdge) => from === selected || to === selected;
  // Later ones lie above: weak, strong, then the selected head's.
  const inOrder = useMemo(
    () =>
      [...edges]
        .reverse()
        .sort(
          (a, b) =>
            Number(a.from === selected || a.to === selected) -
            Number(b.from === selected || b.to === selected),
        ),
    [edges, selected],
  );
  const point = (head: number | null) => {
    setCursor(head);
    onHead(head);
  };
  const onKeyDown = (e: KeyboardEvent) => {
    const from = cursor ?? selected ?? 0;
    const to = moveHead(from, e.key, layers, heads);
    if (to !== null) point(cursor === null ? from : to);
    else if (e.key === "Enter" || e.key === " ") onSelect(from);
    else return;
    e.preventDefault();
  };
  return (
    <div ref={box} className="head-graph">
      <div
        className="head-graph-focus"
        tabIndex={0}
        role="img"
        aria-label={`${name}: ${layers} layers of ${heads} heads, ${edges.length} edges. ${cursor === null ? "Arrow keys walk from head to head." : headWords(cursor)}`}
        onKeyDown={onKeyDown}
        onBlur={() => point(null)}
      >
        {room > 0 && (
          <svg width={layout.width} height={layout.height} aria-hidden="true">
            {Array.from({ length: layers }, (_, layer) => (
              <text
                key={layer}
                className="axis-label"
                x={0}
                y={layout.at(layer * heads).y}
                dy="0.35em"
              >
                L{layer}
              </text>
            ))}
            {Array.from({ length: heads }, (_, head) => (
              <text
                key={head}
                className="axis-label"
                x={layout.at(head).x}
                y={0.9 * rem}
                textAnchor="middle"
              >
                {layout.step >= 2 * rem ? `H${head}` : head % 2 === 0 ? head : ""}
              </text>
            ))}
            {inOrder.map((each) => {
              const strength = edgeStrength(each.value, least, most);
              const path = edgePath(layout, each);
              const mark = same(edge, each) ? "pointed" : touches(each) ? "own" : "";
              return (
                <g
                  key={`${each.from}-${each.to}`}
                  onPointerEnter={() => onEdge(each)}
                  onPointerLeave={() => onEdge(null)}
                >
                  <path
                    className={`edge ${mark}`}
                    d={path}
                    strokeWidth={1 + 4 * strength}
                    strokeOpacity={mark ? 1 : 0.25 + 0.6 * strength}
                  />
                  <path className="edge-reach" d={path} />
                </g>
              );
            })}
            {Array.from({ length: layers * heads }, (_, i) => {
              const { x, y } = layout.at(i);
              return (
                <circle
                  key={i}
                  className={`head ${i === selected ? "selected" : ""} ${i === cursor ? "pointed" : ""}`}
                  cx={x}
                  cy={y}
                  r={layout.radius}
                  onPointerEnter={() => point(i)}
                  onPointerLeave={() => point(null)}
                  onClick={() => onSelect(i)}
                />
              );
            })}
          </svg>
        )}
      </div>
    </div>
  );
}
