/** All heads at once, or their means: in the order of layers or of a score. */
import { type ReactNode, useMemo, useRef, useState } from "react";
import { type HeadUnit, someHead, unitsOf } from "../../../charts/head-units.ts";
import { byScore } from "../../../charts/head-score-words.ts";
import { patternDims } from "../../../charts/attention.ts";
import { attentionPython } from "../../../python/attention.ts";
import { useRunFacts } from "../../../state/run-facts.ts";
import { useLab } from "../../../state/context.ts";
import type { Sides } from "../../../state/figures-slice.ts";
import { Figure, Readout } from "../../../ui/figure.tsx";
import { Segmented } from "../../../ui/segmented.tsx";
import { useRem } from "../../../ui/use-rem.ts";
import { useSize } from "../../../ui/use-size.ts";
import { AttentionControls, HeadSetChoice } from "./controls.tsx";
import type { AttentionSide, Drawing } from "../../../charts/attention-drawing.ts";
import { GridOf, type PointedTile } from "./grid-of.tsx";
import { useHeadSet, useOneSide, useOrder, useShown } from "./options.ts";
import { PointedText } from "./pointed-text.tsx";
import { GridOrder } from "./score-choice.tsx";
import { useDrawingNames, useDrawings } from "./use-drawings.ts";
import { useHeadScores } from "./use-scores.ts";
import { gridTable } from "../../../charts/attention-tables.ts";
import { WHAT_GRID } from "./what.ts";

export interface GridFigureProps {
  sides: Sides<AttentionSide>;
  layers: number;
  /** The unit whose square takes the focus. */
  returnTo: HeadUnit | null;
  onOpen: (unit: HeadUnit) => void;
}

const LEAST_SQUARE = 3; // rem: squares smaller than this do not stand side by side with another grid's

export function GridFigure({ sides, layers, returnTo, onOpen }: GridFigureProps) {
  const selectHead = useLab((s) => s.selectHead);
  const shownSides = useLab((s) => s.shownSides);
  const setHover = useLab((s) => s.setHover);
  const [shown] = useShown();
  const [set] = useHeadSet();
  const [order] = useOrder();
  const [oneSide, setOneSide] = useOneSide();
  const scores = useHeadScores();
  const names = useDrawingNames();
  const runFacts = useRunFacts();
  const [at, setAt] = useState<PointedTile | null>(null);
  const root = useRef<HTMLDivElement>(null);
  const width = useSize(root)?.width ?? 0;
  const rem = useRem(1);
  const { heads } = patternDims(sides.a.pattern);
  const drawings = useDrawings(sides, shown, layers);

  const units = useMemo(() => unitsOf(set, { layers, heads }), [set, layers, heads]);
  const columns = set === "each" ? heads : Math.min(heads, units.length);
  const room = width >= 3 * (columns * LEAST_SQUARE + 3) * rem;
  const one = shownSides === "all" ? oneSide : shownSides;
  const drawn =
    drawings.length === 1 || (shownSides === "all" && room)
      ? drawings
      : drawings.filter(({ id }) => id === one);
  const list = set === "each" ? scores.list(one === "difference" ? "a" : one) : null;
  const sorted = useMemo(
    () => (order === "score" && list ? byScore(list).map((index) => units[index]!) : null),
    [order, list, units],
  );

  const onPoint = (next: PointedTile | null) => {
    setAt(next);
    const { cell, drawing } = next ?? {};
    const [q, k] = cell && drawing ? [drawing.toA(cell.q), drawing.toA(cell.k)] : [null, null];
    setHover(q === null || k === null ? null : { q, k });
  };
  const open = (unit: HeadUnit) => {
    onOpen(unit);
    selectHead(someHead(unit));
  };
  const grid = (drawing: Drawing, head: ReactNode) => (
    <GridOf
      head={head}
      drawing={drawing}
      units={sorted ?? units}
      inLayers={set === "each" && sorted === null}
      columns={columns}
      scoreName={scores.score}
      scores={set === "each" ? scores.list(drawing.id) : null}
      headCount={heads}
      returnTo={returnTo}
      onOpen={open}
      onPoint={onPoint}
    />
  );
  const readout = (
    <Readout>
      {at ? (
        <PointedText at={at} />
      ) : (
        <>
          <span className="with-pointer">
            Point at a square to read it; open a head with a click.
          </span>
          <span className="with-touch">Tap a square to open its head.</span>
        </>
      )}
    </Readout>
  );
  return (
    <Figure
      title={set === "each" ? "Attention, every head" : `Attention, ${MEANS[set]}`}
      what={WHAT_GRID[shown]}
      name={`attention-${shown}`}
      table={() => gridTable(drawings, units, shown)}
      python={() => attentionPython(runFacts(), { shown, of: set })}
      controls={<HeadSetChoice />}
    >
      <div className="row">
        <AttentionControls />
        {set === "each" && <GridOrder scores={scores} />}
        {drawings.length > 1 && shownSides === "all" && !room && (
          <Segmented
            label="Side drawn"
            value={oneSide}
            choices={[
              { value: "a", label: names.a },
              { value: "b", label: names.b },
              { value: "difference", label: "difference" },
            ]}
            onChange={setOneSide}
          />
        )}
      </div>
      {drawn.length > 1 && readout}
      <div ref={root} className={drawn.length > 1 ? "grids" : undefined}>
        {drawn.map((drawing) => (
          <section
            key={drawing.id}
            className="stack"
            aria-label={drawings.length > 1 ? names[drawing.id] : undefined}
          >
            {drawn.length > 1
              ? grid(drawing, <h3>{names[drawing.id]}</h3>)
              : grid(drawing, readout)}
          </section>
        ))}
      </div>
    </Figure>
  );
}

const MEANS = { layer: "each layer’s mean", index: "means over layers", all: "mean of all heads" };
