/** The colours' scale, in numbers. */
import type { MatrixScale } from "../../../charts/matrix-cells.ts";

/** @param scale null: each square has its own */
export function ScaleBar({ scale, signed }: { scale: MatrixScale | null; signed: boolean }) {
  const high = scale === null ? "max" : scale.high === 1 ? "1" : scale.high.toPrecision(3);
  const low = signed ? `−${high}` : "0";
  const range =
    scale === null ? `up to each head’s largest${signed ? " size" : ""}` : `from ${low} to ${high}`;
  return (
    <div
      className="scale-bar mono"
      role="img"
      aria-label={`Colour scale of the attention weights, ${range}`}
    >
      <span>{low}</span>
      <span className={signed ? "swatch signed" : "swatch attention"} />
      <span>{high}</span>
    </div>
  );
}
