/** Complex numbers in their plane, as Elhage et al. draw eigenvalues: read out by pointer, or with the arrow keys in order. */
import { useRef, useState, type KeyboardEvent, type PointerEvent } from "react";
import { readByPointer } from "../ui/pointer.ts";
import { useRem } from "../ui/use-rem.ts";
import { useSize } from "../ui/use-size.ts";
import { nearestPoint, planePoint, planeRings, type PlaneScale } from "./plane-points.ts";
import "./complex-plane.css";

export interface ComplexPlaneProps {
  /** The largest moduli first. */
  re: Float64Array;
  im: Float64Array;
  scale: PlaneScale;
  name: string;
  /** What a number says. */
  words: (i: number) => string;
  /** Shown while none is pointed at. */
  summary: string;
}
const MOST = 22; // rem

export function ComplexPlane({ re, im, scale, name, words, summary }: ComplexPlaneProps) {
  const box = useRef<HTMLDivElement>(null);
  const room = useSize(box)?.width ?? 0;
  const rem = useRem(1);
  const [pointed, setPointed] = useState<number | null>(null);
  const size = Math.min(room, MOST * rem);
  const radius = Math.max(0, size / 2 - 1.25 * rem);
  const most = re.reduce((top, x, i) => Math.max(top, Math.hypot(x, im[i]!)), 0);
  const rings = most > 0 ? planeRings(most, scale) : [];
  const points = Array.from(re, (x, i) => planePoint(x, im[i]!, most, scale));
  const shown = pointed !== null && pointed < points.length ? pointed : null;

  const onPoint = (e: PointerEvent<HTMLDivElement>) => {
    const { left, top } = e.currentTarget.getBoundingClientRect();
    const [x, y] = [
      (e.clientX - left - size / 2) / radius,
      (size / 2 - (e.clientY - top)) / radius,
    ];
    setPointed(nearestPoint(points, x, y, (1.25 * rem) / radius));
  };
  const onKeyDown = (e: KeyboardEvent) => {
    const from = shown ?? -1;
    const last = points.length - 1;
    const moves: Record<string, number> = {
      ...{ ArrowRight: from + 1, ArrowDown: from + 1, Home: 0 },
      ...{ ArrowLeft: from - 1, ArrowUp: from - 1, End: last },
    };
    const to = moves[e.key];
    if (to === undefined) return;
    e.preventDefault();
    setPointed(Math.min(last, Math.max(0, to)));
  };
  return (
    <figure className="complex-plane">
      <div
        ref={box}
        className="complex-plane-plot"
        role="img"
        tabIndex={0}
        aria-label={`${name}, ${points.length} numbers, the largest first. ${shown === null ? "Arrow keys walk through them." : words(shown)}`}
        {...readByPointer<HTMLDivElement>(onPoint, () => setPointed(null))}
        onBlur={() => setPointed(null)}
        onKeyDown={onKeyDown}
      >
        {radius > 0 && (
          <svg width={size} height={size} aria-hidden="true">
            <g transform={`translate(${size / 2},${size / 2})`}>
              <line className="axis" x1={-radius} x2={radius} />
              <line className="axis" y1={-radius} y2={radius} />
              {rings.map((ring) => (
                <circle key={ring.radius} className="ring" r={ring.radius * radius} />
              ))}
              {points.map(({ x, y }, i) => (
                <circle
                  key={i}
                  className={`point ${re[i]! < 0 ? "minus" : "plus"} ${i === shown ? "pointed" : ""}`}
                  cx={x * radius}
                  cy={-y * radius}
                  r={i === shown ? 0.4 * rem : 0.25 * rem}
                />
              ))}
              {rings.map((ring) => (
                <text key={ring.radius} className="tick" y={-ring.radius * radius - 3} x={3}>
                  {ring.modulus.toPrecision(2).replace("e-", "e−").replace("e+", "e")}
                </text>
              ))}
            </g>
          </svg>
        )}
      </div>
      <figcaption className="readout" aria-live="polite">
        {shown === null ? summary : words(shown)}
      </figcaption>
    </figure>
  );
}
