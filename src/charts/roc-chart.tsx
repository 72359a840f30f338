/** True-positive rate over false-positive rate, a point for each threshold, with chance as the diagonal. Arrow keys walk along it. */
import { scaleLinear } from "d3";
import { useRef, useState, type KeyboardEvent } from "react";
import { readByPointer } from "../ui/pointer.ts";
import { useRem } from "../ui/use-rem.ts";
import { useSize } from "../ui/use-size.ts";
import "./roc-chart.css";

export interface RocChartProps {
  points: readonly { threshold: number; falseRate: number; trueRate: number }[];
  name: string;
  /** Marked on the curve. */
  threshold: number;
  format: (threshold: number) => string;
}
const TICKS = [0, 0.25, 0.5, 0.75, 1];

export function RocChart({ points, name, threshold, format }: RocChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const room = useSize(box)?.width ?? 0;
  const rem = useRem(1);
  const [cursor, setCursor] = useState<number | null>(null);
  const side = Math.max(0, Math.min(20 * rem, room - 4 * rem));
  const x = scaleLinear([0, 1], [0, side]);
  const y = scaleLinear([0, 1], [side, 0]);
  // The last point that has everything from the threshold on.
  const now = Math.max(
    0,
    points.findLastIndex((point) => point.threshold >= threshold),
  );
  const at = points[Math.min(points.length - 1, cursor ?? now)]!;
  const words = (point: RocChartProps["points"][number]) =>
    `${point.threshold === -Infinity ? "everything" : point.threshold === Infinity ? "nothing" : `τ ${format(point.threshold)}`}: ` +
    `${(100 * point.trueRate).toFixed(1)} % of the other circuit, ${(100 * point.falseRate).toFixed(1)} % of the rest`;
  const onKeyDown = (e: KeyboardEvent) => {
    const by = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[e.key];
    if (by === undefined) return;
    e.preventDefault();
    setCursor(Math.min(points.length - 1, Math.max(0, (cursor ?? now) + by)));
  };
  return (
    <div className="roc" ref={box}>
      <p className="readout" aria-live="polite">
        {words(at)}
      </p>
      {side > 0 && (
        <div
          className="roc-focus"
          tabIndex={0}
          role="img"
          aria-label={`${name}. ${words(at)}`}
          onKeyDown={onKeyDown}
          onBlur={() => setCursor(null)}
        >
          <svg
            width={side + 3.5 * rem}
            height={side + 3 * rem}
            aria-hidden="true"
            {...readByPointer(
              (e) => {
                const to = x.invert(e.nativeEvent.offsetX - 2.75 * rem);
                const up = y.invert(e.nativeEvent.offsetY - 0.5 * rem);
                let best = 0;
                const far = ({ falseRate, trueRate }: (typeof points)[number]) =>
                  Math.hypot(falseRate - to, trueRate - up);
                points.forEach((point, i) => {
                  if (far(point) < far(points[best]!)) best = i;
                });
                setCursor(best);
              },
              () => setCursor(null),
            )}
          >
            <g transform={`translate(${2.75 * rem},${0.5 * rem})`}>
              {TICKS.map((tick) => (
                <g key={tick}>
                  <line className="grid-line" x1={0} x2={side} y1={y(tick)} y2={y(tick)} />
                  <text className="axis-tick" x={-6} y={y(tick)} dy="0.35em" textAnchor="end">
                    {tick}
                  </text>
                  <text className="axis-tick" x={x(tick)} y={side + 1.1 * rem} textAnchor="middle">
                    {tick}
                  </text>
                </g>
              ))}
              <text className="axis-title" x={side} y={side + 2.3 * rem} textAnchor="end">
                false-positive rate
              </text>
              <text className="axis-title" x={4} y={0.9 * rem}>
                true-positive rate
              </text>
              <line className="chance" x1={0} y1={side} x2={side} y2={0} />
              <path
                className="curve"
                d={`M${points.map(({ falseRate, trueRate }) => `${x(falseRate).toFixed(1)},${y(trueRate).toFixed(1)}`).join("L")}`}
              />
              <circle className="now" cx={x(at.falseRate)} cy={y(at.trueRate)} r={5} />
            </g>
          </svg>
        </div>
      )}
    </div>
  );
}
