/** Named points in a plane, with the front that no other beats, or the line of equal values. Each point is a button: hover, Tab and Enter. */
import { format, line } from "d3";
import { useRef, useState } from "react";
import { useRem } from "../ui/use-rem.ts";
import { useSize } from "../ui/use-size.ts";
import {
  equalLine,
  paretoFront,
  placedNames,
  type ScatterPoint,
  scatterScales,
  ticksWithRoom,
} from "./scatter.ts";
import "./scatter-plot.css";

export interface ScatterPlotProps {
  points: readonly ScatterPoint[];
  xName: string;
  yName: string;
  logX?: boolean;
  /** The line that is drawn: the front that no other point beats, or where both are equal. @default "front" */
  mark?: "front" | "equal";
  /** Both axes of the same span, so that the line of equal values is the diagonal. */
  alike?: boolean;
  /** Whether names stand beside the dots, where there is room. @default false */
  names?: boolean;
  /** The kind of points that the front is of; those of others are hollow. @default all */
  kind?: string | undefined;
  selected: string | null;
  onSelect: (id: string) => void;
}
const tick = format("~g");

export function ScatterPlot({
  points,
  xName,
  yName,
  logX = false,
  mark = "front",
  alike = false,
  names = false,
  kind,
  ...rest
}: ScatterPlotProps) {
  const { selected, onSelect } = rest;
  const box = useRef<HTMLDivElement>(null);
  const size = useSize(box);
  const left = useRem(3.5);
  const bottom = useRem(2.75);
  const [pointed, setPointed] = useState<string | null>(null);
  const width = Math.max(0, (size?.width ?? 0) - left - 12);
  const height = Math.max(0, (size?.height ?? 0) - bottom - 12);
  const letter = { width: useRem(0.42), height: useRem(1) };
  const digit = useRem(0.5);
  const scales = width > 0 ? scatterScales(points, width, height, logX, alike) : null;
  const ofKind = kind === undefined ? points : points.filter((point) => point.kind === kind);
  const shown = points.find(({ id }) => id === (pointed ?? selected));
  return (
    <figure className="scatter">
      <p className="readout" aria-live="polite">
        {shown
          ? `${shown.label}: ${xName} ${tick(Number(shown.x.toPrecision(4)))}, ${yName} ${tick(Number(shown.y.toPrecision(4)))}`
          : "Point at a dot to read it."}
      </p>
      <div ref={box} className="scatter-box">
        {scales && (
          <svg width={left + width + 12} height={height + bottom + 12}>
            <g transform={`translate(${left},12)`}>
              {scales.y.ticks(5).map((y) => (
                <g key={`y${y}`} transform={`translate(0,${scales.y(y)})`}>
                  <line className="grid-line" x2={width} />
                  <text className="axis-tick" x={-6} dy="0.35em" textAnchor="end">
                    {tick(y)}
                  </text>
                </g>
              ))}
              {ticksWithRoom(scales.x, logX, digit, tick).map((x) => (
                <text
                  key={`x${x}`}
                  className="axis-tick"
                  x={scales.x(x)}
                  y={height + 16}
                  textAnchor="middle"
                >
                  {tick(x)}
                </text>
              ))}
              <text className="axis-title" x={width} y={height + 34} textAnchor="end">
                {xName}
              </text>
              <text className="axis-title" x={4} y={2}>
                {yName}
              </text>
              {mark === "equal" ? (
                <line className="front" {...equalLine(scales)} />
              ) : (
                <path
                  className="front"
                  d={
                    line<ScatterPoint>(
                      ({ x }) => scales.x(x),
                      ({ y }) => scales.y(y),
                    )(paretoFront(ofKind)) ?? ""
                  }
                />
              )}
              {names &&
                placedNames(points, scales, letter).map(({ id, text, anchor, ...at }) => (
                  <text
                    key={id}
                    className="dot-name"
                    {...at}
                    dy="0.35em"
                    textAnchor={anchor}
                    aria-hidden="true"
                  >
                    {text}
                  </text>
                ))}
              {points.map((point) => (
                <circle
                  key={point.id}
                  className={[
                    "dot",
                    ...(ofKind.includes(point) ? [] : ["other"]),
                    ...(point.id === selected ? ["selected"] : []),
                  ].join(" ")}
                  cx={scales.x(point.x)}
                  cy={scales.y(point.y)}
                  r={6}
                  tabIndex={0}
                  role="button"
                  aria-pressed={point.id === selected}
                  aria-label={point.label}
                  onPointerEnter={() => setPointed(point.id)}
                  onPointerLeave={() => setPointed(null)}
                  onFocus={() => setPointed(point.id)}
                  onBlur={() => setPointed(null)}
                  onClick={() => onSelect(point.id)}
                  onKeyDown={(e) => {
                    if (e.key !== "Enter" && e.key !== " ") return;
                    e.preventDefault();
                    onSelect(point.id);
                  }}
                />
              ))}
            </g>
          </svg>
        )}
      </div>
    </figure>
  );
}
