/** One head, or one mean of heads, large: its square with the tokens on both axes, what is known of a pair, arcs over the text. */
import { patternDims } from "../../../charts/attention.ts";
import {
  type HeadUnit,
  neighbourUnit,
  soleHead,
  someHead,
  unitName,
} from "../../../charts/head-units.ts";
import { attentionPython } from "../../../python/attention.ts";
import { useRunFacts } from "../../../state/run-facts.ts";
import { useLab } from "../../../state/context.ts";
import type { Sides } from "../../../state/figures-slice.ts";
import { Button, IconButton } from "../../../ui/button.tsx";
import { Figure, Readout } from "../../../ui/figure.tsx";
import { ArcsFigure } from "./arcs-figure.tsx";
import { CellText } from "./cell-text.tsx";
import { AttentionControls, HeadSetChoice } from "./controls.tsx";
import type { AttentionSide, Drawing } from "../../../charts/attention-drawing.ts";
import { HeadSquare } from "./head-square.tsx";
import { useHeadSet, useShown } from "./options.ts";
import { headTable } from "../../../charts/attention-tables.ts";
import { useDrawingNames, useDrawings } from "./use-drawings.ts";
import { useHeadKeys } from "./use-head-keys.ts";
import { useUnitScale } from "./use-unit-scale.ts";
import { WHAT_HEAD } from "./what.ts";
import { shownCell } from "../../../state/view-slice.ts";

export interface HeadFigureProps {
  sides: Sides<AttentionSide>;
  unit: HeadUnit;
  layers: number;
  takeFocus: boolean;
  onLeave: () => void;
}

export function HeadFigure(props: HeadFigureProps) {
  const { sides, unit, layers, takeFocus, onLeave } = props;
  const selectHead = useLab((s) => s.selectHead);
  const shownSides = useLab((s) => s.shownSides);
  const cell = useLab(shownCell);
  const [shown] = useShown();
  const [set] = useHeadSet();
  const names = useDrawingNames();
  const runFacts = useRunFacts();
  const drawings = useDrawings(sides, shown, layers);
  const { heads } = patternDims(sides.a.pattern);
  const [before, after] = ([-1, 1] as const).map((step) =>
    neighbourUnit(set, unit, step, { layers, heads }),
  );
  const go = (to: HeadUnit | null | undefined) => to && selectHead(someHead(to));
  useHeadKeys({ before: () => go(before), after: () => go(after), leave: onLeave });
  const drawn =
    drawings.length === 1 || shownSides === "all"
      ? drawings
      : drawings.filter(({ id }) => id === shownSides);
  const scaleOf = useUnitScale(drawings, unit);
  const title = (
    <>
      {soleHead(unit) && "Head "}
      <span className="mono">{unitName(unit)}</span>
    </>
  );
  const read = (drawing: Drawing) => {
    const [q, k] = [cell && drawing.fromA(cell.q), cell && drawing.fromA(cell.k)];
    return q === null || k === null ? null : { q, k };
  };
  const [first] = drawn;
  const firstCell = first ? read(first) : null;
  const readout = (
    <Readout>
      {first && firstCell ? (
        <CellText drawing={first} square={first.square(unit)} cell={firstCell} />
      ) : (
        <>
          <span className="with-pointer">
            Row: the query that looks. Column: the key looked at. A click locks a pair.
          </span>
          <span className="with-touch">Row: query. Column: key.</span>
        </>
      )}
    </Readout>
  );
  return (
    <>
      <Figure
        title={title}
        what={WHAT_HEAD[shown]}
        name={`attention-${unitName(unit).replaceAll(" ", "-")}-${shown}`}
        table={() => headTable(drawings, unit, shown)}
        python={() => attentionPython(runFacts(), { shown, of: unit })}
        controls={
          <div className="row tight">
            <HeadSetChoice />
            <IconButton
              icon="back"
              label="Previous head ([)"
              disabled={!before}
              onClick={() => go(before)}
            />
            <IconButton
              icon="next"
              label="Next head (])"
              disabled={!after}
              onClick={() => go(after)}
            />
            <Button onClick={onLeave}>All heads</Button>
          </div>
        }
      >
        <div className="row">
          <AttentionControls />
        </div>
        {drawn.length > 1 && readout}
        <div className={drawn.length > 1 ? "sides" : undefined}>
          {drawn.map((drawing, i) => (
            <section
              key={drawing.id}
              aria-label={drawings.length > 1 ? names[drawing.id] : undefined}
            >
              <HeadSquare
                head={drawn.length > 1 ? <h3>{names[drawing.id]}</h3> : readout}
                drawing={drawing}
                unit={unit}
                scale={scaleOf(drawing)}
                of={drawings.length > 1 ? names[drawing.id] : null}
                takeFocus={takeFocus && i === 0}
              />
            </section>
          ))}
        </div>
      </Figure>
      <ArcsFigure drawings={drawn} unit={unit} scaleOf={scaleOf} names={names} />
    </>
  );
}
