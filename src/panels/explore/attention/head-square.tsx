/** One picture of a head, large, with its scale: its pair is the one pointed at or locked everywhere. */
import { type ReactNode, useState } from "react";
import { AttentionHeatmap } from "../../../charts/attention-heatmap.tsx";
import type { PatternCell } from "../../../charts/attention.ts";
import { type HeadUnit, soleHead, unitName } from "../../../charts/head-units.ts";
import type { MatrixScale } from "../../../charts/matrix-cells.ts";
import { useLab } from "../../../state/context.ts";
import { shownPosition } from "../../../state/prompt-slice.ts";
import { shownCell } from "../../../state/view-slice.ts";
import type { Drawing } from "../../../charts/attention-drawing.ts";
import { ScaleBar } from "./scale-bar.tsx";

export interface HeadSquareProps {
  /** What stands above the square, beside its scale. */
  head: ReactNode;
  drawing: Drawing;
  unit: HeadUnit;
  scale: MatrixScale;
  /** "prompt A"; null without a comparison. */
  of: string | null;
  takeFocus: boolean;
}

export function HeadSquare({ head, drawing, unit, scale, of, takeFocus }: HeadSquareProps) {
  const selected = useLab(shownPosition);
  const selectPosition = useLab((s) => s.selectPosition);
  const skipFirst = useLab((s) => s.dimFirst);
  const locked = useLab((s) => s.lock !== null);
  const setHover = useLab((s) => s.setHover);
  const toggleLock = useLab((s) => s.toggleLock);
  const shared = useLab(shownCell);
  /** Pointed at here, and without a place among side a's tokens. */
  const [own, setOwn] = useState<PatternCell | null>(null);
  const { signed, labels, fromA, toA } = drawing;

  const inA = (cell: PatternCell) => {
    const [q, k] = [toA(cell.q), toA(cell.k)];
    return q === null || k === null ? null : { q, k };
  };
  const [q, k] = [shared && fromA(shared.q), shared && fromA(shared.k)];
  const here = q !== null && k !== null ? { q, k } : shared ? null : own;
  const onCell = (cell: PatternCell | null) => {
    const there = cell && inA(cell);
    setOwn(there ? null : cell);
    setHover(there);
  };
  const onPick = (cell: PatternCell) => {
    const query = toA(cell.q);
    if (query !== null) selectPosition(query);
    const there = inA(cell);
    if (there && there.k <= there.q) toggleLock(there);
  };
  return (
    <>
      <div className="readout-line">
        {head}
        <ScaleBar scale={scale} signed={signed} />
      </div>
      <AttentionHeatmap
        values_QK={drawing.square(unit)}
        tokens={labels}
        name={`${soleHead(unit) ? "head " : ""}${unitName(unit)}${of === null ? "" : `, ${of}`}`}
        paint={{ ramp: signed ? "signed" : "attention", scale, skipFirst }}
        position={selected === null ? null : fromA(selected)}
        cell={here}
        locked={locked}
        onCell={onCell}
        onPick={onPick}
        takeFocus={takeFocus}
      />
    </>
  );
}
