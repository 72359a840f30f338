/** One head over the text: an arc from the query to every key. Of a comparison, one line of text a side. */
import { AttentionArcs } from "../../../charts/attention-arcs.tsx";
import { strongestKeys } from "../../../charts/attention.ts";
import { type HeadUnit, unitName } from "../../../charts/head-units.ts";
import type { MatrixScale } from "../../../charts/matrix-cells.ts";
import { attentionPython } from "../../../python/attention.ts";
import { useRunFacts } from "../../../state/run-facts.ts";
import { useLab } from "../../../state/context.ts";
import { shownPosition } from "../../../state/prompt-slice.ts";
import { shownCell } from "../../../state/view-slice.ts";
import { Figure } from "../../../ui/figure.tsx";
import { formatDrawn } from "./cell-text.tsx";
import type { Drawing } from "../../../charts/attention-drawing.ts";
import { useShown } from "./options.ts";
import { headTable } from "../../../charts/attention-tables.ts";
import { whatArcs } from "./what.ts";

export interface ArcsFigureProps {
  drawings: readonly Drawing[];
  unit: HeadUnit;
  scaleOf: (drawing: Drawing) => MatrixScale;
  names: Record<Drawing["id"], string>;
}

export function ArcsFigure({ drawings, unit, scaleOf, names }: ArcsFigureProps) {
  const [shown] = useShown();
  const runFacts = useRunFacts();
  return (
    <Figure
      className="wide"
      title="Over the text"
      what={whatArcs(shown)}
      name={`arcs-${unitName(unit).replaceAll(" ", "-")}-${shown}`}
      table={() => headTable(drawings, unit, shown)}
      python={() => attentionPython(runFacts(), { shown, of: unit })}
    >
      {drawings.map((drawing) => (
        <div key={drawing.id} role="group" aria-label={names[drawing.id]}>
          {drawings.length > 1 && <h3>{names[drawing.id]}</h3>}
          <Arcs drawing={drawing} unit={unit} top={scaleOf(drawing).high} />
        </div>
      ))}
    </Figure>
  );
}

function Arcs({ drawing, unit, top }: { drawing: Drawing; unit: HeadUnit; top: number }) {
  const selected = useLab(shownPosition);
  const selectPosition = useLab((s) => s.selectPosition);
  const cell = useLab(shownCell);
  const setHover = useLab((s) => s.setHover);
  const { labels, signed, fromA, toA } = drawing;
  const square = drawing.square(unit);
  const position = selected === null ? null : fromA(selected);
  const query = (cell && fromA(cell.q)) ?? position ?? 0;
  const pointQuery = (q: number | null) => {
    const strongest = q === null ? undefined : strongestKeys(square, labels.length, q, 1)[0];
    const [inQ, inK] = [q === null ? null : toA(q), strongest ? toA(strongest.k) : null];
    setHover(inQ === null || inK === null ? null : { q: inQ, k: inK });
  };
  return (
    <AttentionArcs
      values_QK={square}
      tokens={labels}
      top={top}
      signed={signed}
      format={(value) => ({
        short: short(value, signed),
        long: formatDrawn(value, signed),
      })}
      query={query}
      cellKey={cell && fromA(cell.k)}
      selected={query === position}
      onQuery={pointQuery}
      onSelect={(q) => {
        const inA = toA(q);
        if (inA !== null) selectPosition(inA);
      }}
    />
  );
}

/** ".67": there is little room under a token. */
function short(value: number, signed: boolean): string {
  const size = Math.abs(value);
  const digits = (
    size >= 100 ? size.toFixed(0) : size >= 10 ? size.toFixed(1) : size.toFixed(2)
  ).replace(/^0\./, ".");
  return signed ? `${value < 0 ? "−" : "+"}${digits}` : digits;
}
