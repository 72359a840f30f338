/** One weight of a pattern as a sentence, the same under a thumbnail and under a large pattern. */
import { cellWeight, type PatternCell } from "../../../charts/attention.ts";
import { formatWeight } from "../../../ui/format.ts";
import { tokenLabels } from "../../../ui/token-text.ts";
import { Token } from "../../../ui/token.tsx";

interface CellTextProps {
  pattern_QK: Float32Array;
  tokens: readonly string[];
  cell: PatternCell;
}
/** "·to → ·Mary 0.612": a cell in words. A masked one says so: its weight is not 0, it was never computed. */
export function CellText({ pattern_QK, tokens, cell }: CellTextProps) {
  const labels = tokenLabels(tokens);
  const query = labels[cell.q];
  const key = labels[cell.k];
  if (query === undefined || key === undefined) return null;
  const weight = cellWeight(pattern_QK, tokens.length, cell);
  return (
    <>
      <Token token={query} /> <span className="quiet">→</span> <Token token={key} />{" "}
      {weight === null ? (
        <span>masked: that token comes later</span>
      ) : (
        <b className="mono">{formatWeight(weight)}</b>
      )}
    </>
  );
}
