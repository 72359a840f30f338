/** What the colours of a heatmap stand for: its ramp from the least to the most, with the middle. */
import { type RampName, useRamp } from "../ui/ramp.ts";
import type { MatrixScale } from "./matrix-cells.ts";
import "./scale-bar.css";

interface ScaleBarProps {
  ramp: RampName;
  scale: MatrixScale;
  say: (value: number) => string;
  /** "share", "change, logits" */
  unit: string;
}
const STOPS = 17;

export function ScaleBar({ ramp: name, scale: { low, high }, say, unit }: ScaleBarProps) {
  const ramp = useRamp(name);
  const stops = Array.from({ length: STOPS }, (_, i) => {
    const step = Math.round((255 * i) / (STOPS - 1)) * 4;
    return `rgb(${ramp[step]} ${ramp[step + 1]} ${ramp[step + 2]})`;
  });
  return (
    <div className="scale-bar quiet">
      <span
        className="scale-ramp"
        aria-hidden="true"
        style={{ backgroundImage: `linear-gradient(to right, ${stops.join(", ")})` }}
      />
      <span className="scale-ends">
        {[low, (low + high) / 2, high].map((value, i) => (
          <span key={i} className="mono">
            {say(value)}
          </span>
        ))}
      </span>
      <span>{unit}</span>
    </div>
  );
}
