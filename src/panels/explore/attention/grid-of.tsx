/** The grid of one picture, with its scale. */
import { type ReactNode, useCallback, useMemo, useState } from "react";
import { AttentionGrid, type GridTile } from "../../../charts/attention-grid.tsx";
import type { PatternCell } from "../../../charts/attention.ts";
import { type ScoreName, shortScore } from "../../../charts/head-score-words.ts";
import { type HeadUnit, sameUnit, unitName } from "../../../charts/head-units.ts";
import type { MatrixScale } from "../../../charts/matrix-cells.ts";
import type { ScoreList } from "../../../core/head-scores.ts";
import { useLab } from "../../../state/context.ts";
import type { Drawing } from "../../../charts/attention-drawing.ts";
import { useShown } from "./options.ts";
import { ScaleBar } from "./scale-bar.tsx";

export interface PointedTile {
  drawing: Drawing;
  unit: HeadUnit;
  /** null: the square has the focus, and no cell is pointed at. */
  cell: PatternCell | null;
}
export interface GridOfProps {
  /** What stands above the squares, beside their scale. */
  head: ReactNode;
  drawing: Drawing;
  /** In the order in which they are drawn; the same array for the same order. */
  units: readonly HeadUnit[];
  /** Whether rows are layers and columns heads. */
  inLayers: boolean;
  columns: number;
  headCount: number;
  scoreName: ScoreName | null;
  scores: ScoreList | null;
  returnTo: HeadUnit | null;
  onOpen: (unit: HeadUnit) => void;
  onPoint: (at: PointedTile | null) => void;
}

const WEIGHTS: MatrixScale = { low: 0, high: 1 };

export function GridOf(props: GridOfProps) {
  const { head, drawing, units, inLayers, columns, headCount, scoreName, scores, returnTo } = props;
  const { onOpen, onPoint } = props;
  const skipFirst = useLab((s) => s.dimFirst);
  const [shown] = useShown();
  const [scale, setScale] = useState<MatrixScale | null>(null);
  const { signed, labels } = drawing;
  const square = useCallback((index: number) => drawing.square(units[index]!), [drawing, units]);
  const caption = (unit: HeadUnit): string | null => {
    if (!scores || !scoreName || unit.layer === null || unit.head === null) return null;
    const score = scores[unit.layer * headCount + unit.head] ?? null;
    return shortScore(scoreName, score, drawing.id === "difference");
  };
  const tiles: GridTile[] = units.map((unit) => ({ name: unitName(unit), caption: caption(unit) }));
  const rows = useMemo(
    () => Array.from({ length: Math.ceil(units.length / columns) }, (_, layer) => `L${layer}`),
    [units.length, columns],
  );
  const back = returnTo ? units.findIndex((unit) => sameUnit(unit, returnTo)) : -1;
  return (
    <>
      <div className="readout-line">
        {head}
        <ScaleBar scale={skipFirst ? null : scale} signed={signed} />
      </div>
      <AttentionGrid
        label={`Attention of ${units.length} heads or means, ${columns} in a row`}
        tiles={tiles}
        columns={columns}
        rowNames={inLayers ? rows : null}
        columnNames={inLayers ? Array.from({ length: columns }, (_, head) => `H${head}`) : null}
        square={square}
        tokens={labels.length}
        ramp={signed ? "signed" : "attention"}
        signed={signed}
        skipFirst={skipFirst}
        scale={skipFirst ? "own" : shown === "pattern" && !signed ? WEIGHTS : "shared"}
        focusFirst={back < 0 ? null : back}
        onOpen={(index) => onOpen(units[index]!)}
        onPoint={(at) => onPoint(at && { drawing, unit: units[at.index]!, cell: at.cell })}
        onScale={setScale}
      />
    </>
  );
}
