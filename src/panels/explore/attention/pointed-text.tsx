/** The cell under the pointer; for a square with the focus, the strongest key of the selected position. */
import { strongestKeys } from "../../../charts/attention.ts";
import { unitName } from "../../../charts/head-units.ts";
import { useLab } from "../../../state/context.ts";
import { shownPosition } from "../../../state/prompt-slice.ts";
import { CellText } from "./cell-text.tsx";
import type { PointedTile } from "./grid-of.tsx";

export function PointedText({ at }: { at: PointedTile }) {
  const { drawing, unit } = at;
  const selected = useLab(shownPosition);
  const square = drawing.square(unit);
  // A difference has no strongest key that anything looks at.
  const query = selected === null || drawing.id === "difference" ? null : drawing.fromA(selected);
  const [strongest] = query === null ? [] : strongestKeys(square, drawing.labels.length, query, 1);
  const cell = at.cell ?? (query !== null && strongest ? { q: query, k: strongest.k } : null);
  return (
    <>
      <b className="mono">{unitName(unit)}</b>{" "}
      {at.cell === null && cell && <span className="quiet">looks most: </span>}
      {cell && <CellText drawing={drawing} square={square} cell={cell} />}
    </>
  );
}
