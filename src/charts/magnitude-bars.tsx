/** Magnitudes in order, a bar each: read out under the pointer or the arrow keys, and the first few can be selected. */
import { scaleLinear } from "d3";
import { useRef, useState, type KeyboardEvent, type PointerEvent } from "react";
import { readByPointer } from "../ui/pointer.ts";
import { useRem } from "../ui/use-rem.ts";
import { useSize } from "../ui/use-size.ts";
import "./magnitude-bars.css";

export interface MagnitudeBarsProps {
  /** Not below 0. */
  values: Float64Array;
  label: string;
  /** What a bar says: "σ₃ = 0.412". */
  words: (i: number) => string;
  selected: number;
  /** How many of the first can be selected. */
  selectable: number;
  onSelect: (i: number) => void;
}
const HEIGHT = 7; // rem

export function MagnitudeBars(props: MagnitudeBarsProps) {
  const { values, label, words, selected, selectable, onSelect } = props;
  const box = useRef<HTMLDivElement>(null);
  const room = useSize(box)?.width ?? 0;
  const rem = useRem(1);
  const [pointed, setPointed] = useState<number | null>(null);
  const n = values.length;
  const left = 3.25 * rem;
  const step = Math.max(0, Math.min(2.5 * rem, (room - left) / Math.max(1, n)));
  const height = HEIGHT * rem;
  const most = values.reduce((top, x) => Math.max(top, x), 0) || 1;
  const y = scaleLinear().domain([0, most]).range([height, 4]);
  const shown = pointed !== null && pointed < n ? pointed : selected;

  const indexOf = (e: PointerEvent<HTMLDivElement> | React.MouseEvent<HTMLDivElement>) => {
    const x = e.clientX - e.currentTarget.getBoundingClientRect().left - left;
    const i = Math.floor(x / Math.max(1, step));
    return i >= 0 && i < n ? i : null;
  };
  const onKeyDown = (e: KeyboardEvent) => {
    const to = { ArrowRight: shown + 1, ArrowLeft: shown - 1, Home: 0, End: n - 1 }[e.key];
    if (to === undefined) return;
    e.preventDefault();
    const i = Math.min(n - 1, Math.max(0, to));
    setPointed(i);
    if (i < selectable) onSelect(i);
  };
  return (
    <figure className="magnitudes">
      <div
        ref={box}
        className="magnitudes-plot"
        role="slider"
        tabIndex={0}
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={Math.max(0, n - 1)}
        aria-valuenow={shown}
        aria-valuetext={words(shown)}
        {...readByPointer<HTMLDivElement>(
          (e) => setPointed(indexOf(e)),
          () => setPointed(null),
        )}
        onClick={(e) => {
          const i = indexOf(e);
          if (i !== null && i < selectable) onSelect(i);
        }}
        onBlur={() => setPointed(null)}
        onKeyDown={onKeyDown}
      >
        <svg width="100%" height={height + 4} aria-hidden="true">
          {y.ticks(3).map((tick) => (
            <g key={tick} transform={`translate(0,${y(tick)})`}>
              <line className="grid" x1={left} x2={left + n * step} />
              <text className="tick" x={left - 6} dy="0.35em" textAnchor="end">
                {String(Number(tick.toPrecision(3)))}
              </text>
            </g>
          ))}
          {Array.from(values, (value, i) => (
            <rect
              key={i}
              className={`magnitude ${i < selectable ? "" : "rest"} ${i === selected ? "selected" : ""} ${i === shown ? "pointed" : ""}`}
              x={left + i * step + 0.5}
              width={Math.max(1, step - 1.5)}
              y={y(value)}
              height={Math.max(0, height - y(value))}
            />
          ))}
        </svg>
      </div>
      <figcaption className="readout" aria-live="polite">
        {words(shown)}
      </figcaption>
    </figure>
  );
}
