/**
 * One measured quantity over the course of a run, with its latest value, and a cursor that reads out exact values.
 * The cursor is given from outside, so that several charts over the same x show the same moment.
 */
import { format, line } from "d3";
import {
  useId,
  useMemo,
  useRef,
  type KeyboardEvent,
  type PointerEvent,
  type ReactNode,
} from "react";
import { formatCount } from "../ui/format.ts";
import { readByPointer } from "../ui/pointer.ts";
import { useRem } from "../ui/use-rem.ts";
import { useSize } from "../ui/use-size.ts";
import { visibleLabels } from "./attention-axis.ts";
import {
  axisTicks,
  isShown,
  lineScales,
  nearestIndex,
  segments,
  shownIndex,
  thin,
  type LineScales,
  type Series,
} from "./line.ts";
import "./line-chart.css";

export interface LineChartProps {
  title: string;
  /** What it measures, in words, with its formula: the tooltip of the title. */
  about: string;
  series: Series;
  /** Drawn thinner behind it, on the same axes: of a sweep the other members. */
  others?: readonly (Series & { name: string })[];
  /** What x counts: "tokens". */
  xUnit: string;
  /** What an x is called where it counts steps that have names: x must be 0, 1, 2 … */
  xName?: (x: number) => string;
  format: (value: number) => string;
  /** Labels of the y axis. @default plain numbers, three digits */
  tick?: (value: number) => string;
  log?: boolean;
  yMin?: number | null;
  yMax?: number | null;
  /** x of the cursor; null for none. */
  cursor: number | null;
  onCursor: (x: number | null) => void;
  /** Shown where there are no points yet. */
  empty: ReactNode;
  /** Without title and value, which stand elsewhere. */
  bare?: boolean;
}
const NONE: NonNullable<LineChartProps["others"]> = [];
const MARGIN = { right: 10, top: 8, bottom: 20 };
/** Of the lines behind, so that they can be told apart without colours. */
export const DASHES = ["6 3", "2 2", "8 2 2 2", "1 4", "10 4", "4 2 1 2", ""];
const siFormat = format("~s");
/** 250k, 1.5M: short enough for an axis. */
export const countTick = (value: number): string => siFormat(value).replace("−", "-");
const plainTick = (value: number) =>
  value !== 0 && (Math.abs(value) < 0.001 || Math.abs(value) >= 1e4)
    ? countTick(value)
    : String(Number(value.toPrecision(3)));

export function LineChart(props: LineChartProps) {
  const { title, about, series, xUnit, log = false, yMin = null, yMax = null, empty, bare } = props;
  const { xName, others = NONE } = props;
  const clip = useId();
  const box = useRef<HTMLDivElement>(null);
  const size = useSize(box);
  const tickSpace = useRem(4);
  const marginLeft = useRem(2.875);
  const width = Math.max(0, (size?.width ?? 0) - marginLeft - MARGIN.right);
  const outer = size?.height ?? 0; // the style sheet decides
  const height = Math.max(0, outer - MARGIN.top - MARGIN.bottom);
  const drawn = useMemo(() => {
    const all = {
      x: [series, ...others].flatMap(({ x }) => x),
      y: [series, ...others].flatMap(({ y }) => y),
    };
    const scales = width > 0 ? lineScales(all, { width, height, log, yMin, yMax }) : null;
    if (!scales) return null;
    const path = (piece: Series) =>
      line<number>(
        (_, i) => scales.x(piece.x[i]!),
        (value) => scales.y(value),
      )(piece.y as number[]);
    const pieces = segments(thin(series, Math.max(16, width * 2)), log);
    const behind = others.map(({ name, ...other }) => ({
      name,
      d: segments(thin(other, Math.max(16, width * 2)), log)
        .map(path)
        .join(""),
    }));
    return { scales, pieces, behind, d: pieces.map(path).join("") };
  }, [series, others, width, height, log, yMin, yMax]);

  const { cursor, onCursor, format: say, tick: yLabel = plainTick } = props;
  const n = series.x.length;
  const at = cursor === null ? null : nearestIndex(series.x, cursor);
  const shown = shownIndex(series.x, cursor);
  const value = shown === null ? null : series.y[shown]!;
  const words =
    shown === null
      ? "no values yet"
      : `${say(value!)} at ${xName?.(series.x[shown]!) ?? `${formatCount(series.x[shown]!)} ${xUnit}`}`;

  const xTicks = (x: LineScales["x"]): number[] =>
    xName
      ? visibleLabels(n, width / Math.max(1, n - 1), tickSpace, [n - 1])
      : axisTicks(x, false, Math.max(2, Math.floor(width / tickSpace)));
  const onPoint = (e: PointerEvent<HTMLDivElement>) => {
    if (!drawn) return;
    const left = e.currentTarget.getBoundingClientRect().left + marginLeft;
    const i = nearestIndex(series.x, drawn.scales.x.invert(e.clientX - left));
    onCursor(i === null ? null : series.x[i]!);
  };
  const onKeyDown = (e: KeyboardEvent) => {
    const from = shown ?? 0;
    const page = Math.max(1, Math.round(n / 10));
    const to = {
      ArrowLeft: from - 1,
      ArrowRight: from + 1,
      PageDown: from - page,
      PageUp: from + page,
      Home: 0,
      End: n - 1,
    }[e.key];
    if (e.key === "Escape") onCursor(null);
    if (to === undefined || n === 0) return;
    e.preventDefault();
    onCursor(series.x[Math.min(n - 1, Math.max(0, to))]!);
  };

  return (
    <figure className="line-chart">
      {!bare && (
        <figcaption>
          <span className="line-chart-title" title={about}>
            {title}
          </span>
          <span className="line-chart-value mono">{value === null ? "–" : say(value)}</span>
        </figcaption>
      )}
      <div
        ref={box}
        className="line-chart-plot"
        role="slider"
        tabIndex={0}
        aria-label={`${title}: cursor. ${about}`}
        aria-valuemin={0}
        aria-valuemax={Math.max(0, n - 1)}
        aria-valuenow={shown ?? 0}
        aria-valuetext={words}
        {...readByPointer(onPoint, () => onCursor(null))}
        onBlur={() => onCursor(null)}
        onKeyDown={onKeyDown}
      >
        {drawn ? (
          <svg width="100%" height={outer} aria-hidden="true">
            <g transform={`translate(${marginLeft},${MARGIN.top})`}>
              {axisTicks(drawn.scales.y, log, 4).map((tick) => (
                <g key={tick} transform={`translate(0,${drawn.scales.y(tick)})`}>
                  <line className="grid" x2={width} />
                  <text className="tick" x={-8} dy="0.32em" textAnchor="end">
                    {yLabel(tick)}
                  </text>
                </g>
              ))}
              {xTicks(drawn.scales.x).map((tick) => (
                <text
                  key={tick}
                  className="tick"
                  x={drawn.scales.x(tick)}
                  y={height + 15}
                  textAnchor={drawn.scales.x(tick) > width - 16 ? "end" : "middle"}
                >
                  {xName?.(tick) ?? countTick(tick)}
                </text>
              ))}
              <clipPath id={clip}>
                <rect x={-4} y={-4} width={width + 8} height={height + 8} />
              </clipPath>
              {drawn.behind.map(({ name, d }, i) => (
                <path
                  key={name}
                  className="line other"
                  strokeDasharray={DASHES[i % DASHES.length]}
                  d={d}
                  clipPath={`url(#${clip})`}
                >
                  <title>{name}</title>
                </path>
              ))}
              <path className="line" d={drawn.d} clipPath={`url(#${clip})`} />
              {drawn.pieces.map(({ x, y }) =>
                x.length === 1 ? (
                  <circle
                    key={x[0]}
                    className="dot"
                    r={2.5}
                    cx={drawn.scales.x(x[0]!)}
                    cy={drawn.scales.y(y[0]!)}
                  />
                ) : null,
              )}
              {at !== null && (
                <g transform={`translate(${drawn.scales.x(series.x[at]!)},0)`}>
                  <line className="cursor" y2={height} />
                  {isShown(series.y[at]!, log) && drawn.scales.y(series.y[at]!) <= height && (
                    <circle className="dot" r={3.5} cy={drawn.scales.y(series.y[at]!)} />
                  )}
                </g>
              )}
            </g>
          </svg>
        ) : (
          <p className="line-chart-empty quiet">{empty}</p>
        )}
      </div>
    </figure>
  );
}
