/** How often a feature reaches which activation: bars over equal bins, read out under the pointer or the arrow keys. */
import { scaleLinear } from "d3";
import { useRef, useState, type KeyboardEvent, type PointerEvent } from "react";
import { readByPointer } from "../ui/pointer.ts";
import { useSize } from "../ui/use-size.ts";
import { binWords, histogramBars, type Histogram } from "./histogram.ts";
import "./histogram-chart.css";

export interface HistogramChartProps {
  histogram: Histogram;
  label: string;
  /** A value to mark on the axis, as "here": the activation on the prompt. */
  marked?: { value: number; words: string } | null;
  /** What is counted: "non-zero activations". */
  counted?: string;
  /** What shares are of: "of its activations". */
  shareOf?: string;
  /** What a bin counts, one and many. @default token, tokens */
  unit?: readonly [one: string, many: string];
  /** In pixels, without the axis. @default 150 */
  height?: number;
  /** Bars of values below 0 in vermilion, above in blue. */
  signed?: boolean;
  /** Heights by log(1 + count). */
  logarithmic?: boolean;
}
const AXIS = 18;

export function HistogramChart(props: HistogramChartProps) {
  const { histogram, label, marked = null, logarithmic = false, signed = false } = props;
  const { counted = "non-zero activations", shareOf, unit, height = 150 } = props;
  const box = useRef<HTMLDivElement>(null);
  const size = useSize(box);
  const [bin, setBin] = useState<number | null>(null);
  const bins = histogram.counts.length;
  const start = (histogram.from ?? 0) * histogram.binWidth;
  const end = start + bins * histogram.binWidth;
  const width = size?.width ?? 0;
  const x = scaleLinear().domain([start, end]).range([0, width]);
  const shown = bin !== null && bin < bins ? bin : null;
  const total = histogram.counts.reduce((sum, count) => sum + count, 0);

  const onPoint = (e: PointerEvent<HTMLDivElement>) => {
    const left = e.currentTarget.getBoundingClientRect().left;
    const at = Math.floor(((e.clientX - left) / Math.max(1, width)) * bins);
    setBin(Math.min(bins - 1, Math.max(0, at)));
  };
  const onKeyDown = (e: KeyboardEvent) => {
    const from = shown ?? -1;
    const to = { ArrowRight: from + 1, ArrowLeft: from - 1, Home: 0, End: bins - 1 }[e.key];
    if (to === undefined) return;
    e.preventDefault();
    setBin(Math.min(bins - 1, Math.max(0, to)));
  };
  const words =
    shown === null
      ? `${total.toLocaleString("en-US")} ${counted}`
      : binWords(histogram, shown, shareOf, unit);

  return (
    <figure className="histogram">
      <div
        ref={box}
        className="histogram-plot"
        role="slider"
        tabIndex={0}
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={Math.max(0, bins - 1)}
        aria-valuenow={shown ?? 0}
        aria-valuetext={words}
        {...readByPointer(onPoint, () => setBin(null))}
        onBlur={() => setBin(null)}
        onKeyDown={onKeyDown}
      >
        <svg width="100%" height={height + AXIS} aria-hidden="true">
          {histogramBars(histogram, width, height, logarithmic).map((bar, i) => (
            <rect
              key={i}
              className={`bin ${i === shown ? "selected" : ""} ${signed ? ((histogram.from ?? 0) + i < 0 ? "minus" : "plus") : ""}`}
              {...bar}
            />
          ))}
          <line className="axis" x2={width} y1={height} y2={height} />
          {marked && marked.value >= start && marked.value <= end && (
            <g transform={`translate(${x(marked.value)},0)`}>
              <line className="marked" y1={0} y2={height} />
              <title>{marked.words}</title>
            </g>
          )}
          {width > 0 &&
            x.ticks(Math.max(2, Math.floor(width / 70))).map((tick) => (
              <text
                key={tick}
                className="tick"
                x={x(tick)}
                y={height + 14}
                textAnchor={x(tick) < 12 ? "start" : x(tick) > width - 12 ? "end" : "middle"}
              >
                {String(Number(tick.toPrecision(4))).replace("-", "−")}
              </text>
            ))}
        </svg>
      </div>
      <figcaption className="readout">{words}</figcaption>
    </figure>
  );
}
