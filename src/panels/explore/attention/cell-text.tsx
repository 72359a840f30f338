/** One number of a picture as a sentence, the same under a thumbnail and under a large square. */
import { cellWeight, type PatternCell } from "../../../charts/attention.ts";
import { formatSigned, formatWeight } from "../../../ui/format.ts";
import { Token } from "../../../ui/token.tsx";
import type { Drawing } from "../../../charts/attention-drawing.ts";

/** "0.612", "+0.051". */
export const formatDrawn = (value: number, signed: boolean): string =>
  signed ? formatSigned(value, 3) : formatWeight(value);

export interface CellTextProps {
  drawing: Drawing;
  square: Float32Array;
  /** In the picture's own positions. */
  cell: PatternCell;
}
/** "·to → ·Mary 0.612". A masked cell says so: its weight is not 0, it was never computed. */
export function CellText({ drawing, square, cell }: CellTextProps) {
  const { labels, signed } = drawing;
  const [query, key] = [labels[cell.q], labels[cell.k]];
  if (query === undefined || key === undefined) return null;
  const value = cellWeight(square, labels.length, cell);
  return (
    <>
      <Token token={query} /> <span className="quiet">→</span> <Token token={key} />{" "}
      {value === null ? (
        <span>masked: that token comes later</span>
      ) : Number.isNaN(value) ? (
        <span>only one side has these tokens</span>
      ) : (
        <b className="mono">{formatDrawn(value, signed)}</b>
      )}
    </>
  );
}
