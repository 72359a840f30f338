/** A heatmap of a step, small. */
import { useState } from "react";
import { Matrix } from "../../../charts/matrix.tsx";
import type { MatrixCell } from "../../../charts/matrix-cells.ts";
import type { PatchCells } from "../../../charts/patch-grid.ts";
import { useLab } from "../../../state/context.ts";
import { Readout } from "../../../ui/figure.tsx";
import { metricText } from "../words.ts";

interface Props {
  cells: PatchCells;
  rows: readonly string[];
  columns: readonly string[];
  name: string;
  cellName: (cell: number) => string;
  headOf: (cell: number) => { layer: number; head: number } | null;
}
export function SmallGrid({ cells, rows, columns, name, cellName, headOf }: Props) {
  const selectHead = useLab((s) => s.selectHead);
  const [cell, setCell] = useState<MatrixCell | null>(null);
  const indexOf = ({ row, column }: MatrixCell) => row * columns.length + column;
  const say = (at: MatrixCell) => {
    const stat = cells.stats[indexOf(at)];
    return `${cellName(indexOf(at))}: ${stat ? metricText(stat.mean) : "not computed"}`;
  };
  return (
    <>
      <Readout>{cell ? say(cell) : "Point at a cell to read it."}</Readout>
      <Matrix
        values={cells.means}
        {...{ rows, columns, name, cell }}
        ramp="signed"
        scale={cells.scale}
        cellWords={say}
        mostWidth={2.2}
        onCell={setCell}
        onSelect={(at) => {
          const head = headOf(indexOf(at));
          if (head) selectHead(head);
        }}
      />
    </>
  );
}
