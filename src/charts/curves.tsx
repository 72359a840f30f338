/**
 * Curves over one x with a shared cursor: point at the chart, or use the arrow keys, for exact values. Curves are told apart by
 * dashes as well as by their names in the legend.
 */
import { area, line } from "d3";
import { useMemo, useRef, type KeyboardEvent, type PointerEvent, type ReactNode } from "react";
import { readByPointer } from "../ui/pointer.ts";
import { useRem } from "../ui/use-rem.ts";
import { useSize } from "../ui/use-size.ts";
import { type Band, bandCurves, curvePieces, curveScales, type Curve } from "./curve-scales.ts";
import { axisTicks, nearestIndex } from "./line.ts";
import "./curves.css";

export interface CurvesProps {
  title: string;
  /** What it measures, with its unit and formula: the tooltip of the title. */
  about: string;
  x: readonly number[];
  curves: readonly Curve[];
  /** "2.5 × max" */
  xWords: (x: number) => string;
  /** What the x axis counts. */
  xLabel: string;
  format: (value: number) => string;
  log?: boolean;
  /** x of what is set now. */
  mark: number | null;
  /** x of the cursor; null for none. */
  cursor: number | null;
  onCursor: (x: number | null) => void;
  /** A click, or Enter, at the cursor. */
  onSelect?: (x: number) => void;
  /** Drawn behind the curves: from the least to the most of something at each x. */
  band?: Band | null;
  /** What an x is called on its axis, where it counts steps that have names. */
  xTick?: (x: number) => string;
  empty: ReactNode;
}
const MARGIN = { right: 10, top: 8, bottom: 20 };
const words = (value: number) => String(Number(value.toPrecision(3))).replace("-", "−");
const draw = line();
const fill = area<{ x: number; low: number; high: number }>(
  ({ x }) => x,
  ({ low }) => low,
  ({ high }) => high,
);

export function Curves(props: CurvesProps) {
  const { title, about, x, curves, xWords, xLabel, format, log = false, mark, empty } = props;
  const { cursor, onCursor, onSelect, band = null, xTick = words } = props;
  const box = useRef<HTMLDivElement>(null);
  const size = useSize(box);
  const left = useRem(3.25);
  const tickSpace = useRem(3);
  const width = Math.max(0, (size?.width ?? 0) - left - MARGIN.right);
  const outer = size?.height ?? 0; // the style sheet decides
  const height = Math.max(0, outer - MARGIN.top - MARGIN.bottom);
  const scales = useMemo(
    () =>
      width > 0 ? curveScales(x, [...curves, ...bandCurves(band)], { width, height, log }) : null,
    [x, curves, band, width, height, log],
  );
  const at = cursor === null ? null : nearestIndex(x, cursor);
  const valueAt = ({ y }: Curve, i: number | null) => {
    const value = i === null ? null : (y[i] ?? null);
    return value === null ? "–" : format(value);
  };
  const onPoint = (e: PointerEvent<HTMLDivElement>) => {
    if (!scales) return;
    const from = e.currentTarget.getBoundingClientRect().left + left;
    const i = nearestIndex(x, scales.x.invert(e.clientX - from));
    onCursor(i === null ? null : x[i]!);
  };
  const onKeyDown = (e: KeyboardEvent) => {
    const last = x.length - 1;
    const from = at ?? nearestIndex(x, mark ?? 0) ?? 0;
    const to = { ArrowLeft: from - 1, ArrowRight: from + 1, Home: 0, End: last }[e.key];
    if (e.key === "Escape") onCursor(null);
    if (e.key === "Enter" && at !== null) onSelect?.(x[at]!);
    if (to === undefined || last < 0) return;
    e.preventDefault();
    onCursor(x[Math.min(last, Math.max(0, to))]!);
  };
  const told =
    at === null
      ? "no point chosen"
      : `${xWords(x[at]!)}: ${curves.map((curve) => `${curve.name} ${valueAt(curve, at)}`).join(", ")}`;
  return (
    <figure className="curves">
      <figcaption>
        <span className="curves-title" title={about}>
          {title}
        </span>
        <ul className="curves-legend">
          {curves.map((curve, i) => (
            <li key={curve.name}>
              <svg className={`curves-key curve-${i % 6}`} aria-hidden="true" viewBox="0 0 24 4">
                <path d="M0 2H24" />
              </svg>
              {curve.name} <span className="mono">{at === null ? "" : valueAt(curve, at)}</span>
            </li>
          ))}
        </ul>
      </figcaption>
      <div
        ref={box}
        className="curves-plot"
        role="slider"
        tabIndex={0}
        aria-label={`${title}: cursor. ${about}`}
        aria-valuemin={0}
        aria-valuemax={Math.max(0, x.length - 1)}
        aria-valuenow={at ?? 0}
        aria-valuetext={told}
        {...readByPointer(onPoint, () => onCursor(null))}
        onBlur={() => onCursor(null)}
        onKeyDown={onKeyDown}
        onClick={() => at !== null && onSelect?.(x[at]!)}
      >
        {scales ? (
          <svg width="100%" height={outer} aria-hidden="true">
            <g transform={`translate(${left},${MARGIN.top})`}>
              {axisTicks(scales.y, log, 4).map((tick) => (
                <g key={tick} transform={`translate(0,${scales.y(tick)})`}>
                  <line className="grid" x2={width} />
                  <text className="tick" x={-8} dy="0.32em" textAnchor="end">
                    {words(tick)}
                  </text>
                </g>
              ))}
              {axisTicks(scales.x, false, Math.max(2, Math.floor(width / tickSpace)))
                .filter((tick) => !props.xTick || Number.isInteger(tick))
                .map((tick) => (
                  <text
                    key={tick}
                    className="tick"
                    x={scales.x(tick)}
                    y={height + 15}
                    textAnchor={scales.x(tick) > width - 16 ? "end" : "middle"}
                  >
                    {xTick(tick)}
                  </text>
                ))}
              {band && (
                <path
                  className="curves-band"
                  d={
                    fill(
                      x.map((at, i) => ({
                        x: scales.x(at),
                        low: scales.y(band.low[i]!),
                        high: scales.y(band.high[i]!),
                      })),
                    ) ?? ""
                  }
                />
              )}
              {mark !== null && mark >= x[0]! && mark <= x.at(-1)! && (
                <line className="mark" x1={scales.x(mark)} x2={scales.x(mark)} y2={height} />
              )}
              {curves.map((curve, i) => (
                <g key={curve.name} className={`curve-${i % 6}`}>
                  {curvePieces(x, curve, log).map((piece) => {
                    const points = piece.map(([a, b]): [number, number] => [
                      scales.x(a),
                      scales.y(b),
                    ]);
                    return points.length === 1 ? (
                      <circle key={piece[0]![0]} r={2.5} cx={points[0]![0]} cy={points[0]![1]} />
                    ) : (
                      <path key={piece[0]![0]} d={draw(points) ?? ""} />
                    );
                  })}
                </g>
              ))}
              {at !== null && (
                <line className="cursor" x1={scales.x(x[at]!)} x2={scales.x(x[at]!)} y2={height} />
              )}
            </g>
          </svg>
        ) : (
          <p className="curves-empty quiet">{empty}</p>
        )}
      </div>
      <p className="curves-x quiet">{at === null ? xLabel : xWords(x[at]!)}</p>
    </figure>
  );
}
